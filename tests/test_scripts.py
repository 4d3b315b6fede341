"""What becomes of the browser's scripts before they are served."""

import subprocess
from pathlib import Path

import pytest

from widget_service.assets import sdk_script, static_assets
from widget_service.scripts import NotServable, join, require_strippable, strip_script, strip_style

MESSENGER = Path(__file__).parent.parent / "static" / "messenger"


def run(module: str, folder: Path) -> str:
    """What the module prints."""
    file = folder / "joined.mjs"
    file.write_text(module, encoding="utf-8")
    result = subprocess.run(["node", file], capture_output=True, text=True, timeout=60, cwd=folder)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_a_joined_module_does_what_the_modules_did(tmp_path: Path) -> None:
    sources = {
        "main.js": 'import { count, grow } from "./counter.js";\nimport { Box } from "./box.js";\n'
        "grow();\nconst seen = await Promise.resolve(new Box().size());\nconsole.log(seen, count);\n",
        "counter.js": 'console.log("counter");\nexport let count = 1;\nexport function grow() {\n  count += 1;\n}\n',
        "box.js": 'import {\n  count,\n  grow,\n} from "./counter.js";\nconsole.log("box");\n'
        "export class Box {\n  size() {\n    grow();\n    return count * 10;\n  }\n}\n",
    }
    for name, source in sources.items():
        (tmp_path / name).write_text(source, encoding="utf-8")
    (tmp_path / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    apart = subprocess.run(["node", tmp_path / "main.js"], capture_output=True, text=True, timeout=60, check=True)
    whole, names = join("main.js", sources)

    assert names == {"main.js", "counter.js", "box.js"}
    assert run(strip_script(whole), tmp_path) == apart.stdout == "counter\nbox\n30 3\n"


def test_modules_in_a_circle_are_joined_once(tmp_path: Path) -> None:
    whole, _ = join(
        "main.js",
        {
            "main.js": 'import { one } from "./one.js";\nconsole.log(one());\n',
            "one.js": 'import { two } from "./two.js";\nexport const one = () => two(1);\nexport const base = 40;\n',
            "two.js": 'import { base } from "./one.js";\nexport function two(more) {\n  return base + more;\n}\n',
        },
    )

    assert run(whole, tmp_path) == "41\n"


def test_a_module_that_is_loaded_late_stays_a_file() -> None:
    _, names = join(
        "main.js",
        {
            "main.js": 'void import("./late.js").then(({ hint }) => hint());\n',
            "late.js": "export const hint = () => 1;\n",
        },
    )

    assert names == {"main.js"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('import one from "./other.js";', "one form"),
        ('import * as other from "./other.js";', "one form"),
        ('import "./other.js";', "one form"),
        ('import { one as two } from "./other.js";', "does not export"),
        ('import { absent } from "./other.js";', "does not export absent"),
        ('import { hidden } from "./other.js";', "does not export hidden"),
        ('import { one } from "./absent.js";', "there is no absent.js"),
        ('import { one } from "../other.js";', "one form"),
        ('import { one } from "https://cdn.example/other.js";', "one form"),
        ("export default 1;", "one form"),
        ("export { one };", "one form"),
        ('export * from "./other.js";', "one form"),
        ('export { one } from "./other.js";', "one form"),
        ("const hidden = 2;", "other.js has a hidden"),
        ("/** @type {number} */ let hidden = 2;", "other.js has a hidden"),
        ("const { hidden } = globalThis;", "other.js has a hidden"),
        ("function hidden() {}", "other.js has a hidden"),
        ('void import("./other.js");', "loaded again"),
    ],
)
def test_what_is_not_in_the_grammar_is_refused(line: str, reason: str) -> None:
    sources = {
        "main.js": f'import {{ one }} from "./other.js";\n{line}\n',
        "other.js": "const hidden = 1;\nexport const one = 1;\n",
    }

    with pytest.raises(NotServable, match=reason):
        join("main.js", sources)


def test_a_refusal_names_the_file_and_the_line() -> None:
    sources = {
        "main.js": 'import { one } from "./other.js";\n',
        "other.js": "// one\nexport const one = 1;\n\nexport default one;\n",
    }

    with pytest.raises(NotServable, match=r"^other\.js:4: "):
        join("main.js", sources)


def test_only_the_entry_may_wait_at_its_top() -> None:
    sources = {
        "main.js": 'import { one } from "./other.js";\nawait one;\n',
        "other.js": "export const one = await fetch('/');\n",
    }

    with pytest.raises(NotServable, match=r"^other\.js:1: only the entry"):
        join("main.js", sources)


def test_texts_survive_the_stripping(tmp_path: Path) -> None:
    source = "const a = 'two  spaces // no comment';\nconst b = `line\n  /* ${a} */`; // gone\n"
    source += "console.log(/[/*]  x/.source, a, b);\n"

    assert run(strip_script(source), tmp_path) == run(source, tmp_path)
    assert "gone" not in strip_script(source)


@pytest.mark.parametrize("line", ["let x = `a ${y ? `b  c` : 1}`;", "const f = (t) => /^a\\//.test(t);"])
def test_what_the_stripping_would_change_is_refused(line: str) -> None:
    with pytest.raises(NotServable, match=r"^x\.js:2: a "):
        require_strippable("x.js", f"let y;\n{line}\n")


def test_a_style_keeps_what_it_says() -> None:
    stripped = strip_style("/* why */\n.a > b {\n  width: calc(100% - 2 * var(--x));\n  color: #fff;\n}\n")

    assert stripped == ".a>b{width:calc(100% - 2 * var(--x));color:#fff}"


def test_every_script_that_is_served_can_be_read(tmp_path: Path) -> None:
    scripts = {name: asset.content for name, asset in static_assets().items() if name.endswith(".js")}
    for number, content in enumerate([*scripts.values(), sdk_script().content]):
        (tmp_path / f"{number}.mjs").write_bytes(content)
    for file in sorted(tmp_path.iterdir()):
        subprocess.run(["node", "--check", file], check=True, timeout=60)

    assert "messenger/main.js" in scripts


def test_the_frame_loads_one_script_before_it_is_needed() -> None:
    served = {name for name in static_assets() if name.startswith("messenger/") and name.endswith(".js")}
    main = static_assets()["messenger/main.js"].content.decode()
    late = {f"messenger/{path.name}" for path in MESSENGER.glob("*.js") if f'import("./{path.name}")' in main}

    assert served == {"messenger/main.js", *late}
