# Sourced by the other scripts here: how to install a system package as root, through sudo, or by telling the reader how.

as_root_text() { [ "$(id -u)" = 0 ] || printf 'sudo '; }

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo -n "$@"
    fi
}

can_be_root() { [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }; }

# install_packages NAME…: through apt; where that is impossible, the exact command and failure.
install_packages() {
    if ! command -v apt-get >/dev/null || ! can_be_root; then
        echo "These packages are missing and cannot be installed from here. Run, then try again:" >&2
        echo "    $(as_root_text)apt-get update && $(as_root_text)apt-get install --no-install-recommends -y $*" >&2
        command -v apt-get >/dev/null || echo "(Debian's names; on another system install what corresponds to them.)" >&2
        return 1
    fi
    echo "Installing from the distribution: $*"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >/dev/null || true
    apt_log=$(mktemp)
    if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get install --no-install-recommends -y -qq "$@" >"$apt_log" 2>&1; then
        cat "$apt_log" >&2
        rm -f "$apt_log"
        echo "This failed: $(as_root_text)apt-get install --no-install-recommends -y $*" >&2
        return 1
    fi
    rm -f "$apt_log"
}
