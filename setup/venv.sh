#!/bin/sh
# Usage: venv.sh FOLDER LOCKFILE
# Makes the virtual environment (once), installs exactly what the lock file pins, then this project itself, editable.
set -eu
folder=$1 lock=$2
. "$(dirname "$0")/privileges.sh"

is_recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3 python3.14 python}; do
        if is_recent "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    echo "Python 3.11 or newer is needed and was not found${PYTHON:+ as PYTHON=$PYTHON}. On Debian or Ubuntu:" >&2
    echo "    $(as_root_text)apt-get install python3 python3-venv" >&2
    echo "or name one: make PYTHON=/path/to/python3" >&2
    return 1
}

make_environment() {
    python=$(find_python)
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        package=python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv
        echo "$python cannot make virtual environments; installing $package."
        install_packages "$package" python3-venv
    fi
    echo "Making $folder with $("$python" --version) ($python)."
    rm -rf "$folder"
    "$python" -m venv "$folder"
}

is_recent "$folder/bin/python" && "$folder/bin/python" -m pip --version >/dev/null 2>&1 || make_environment

echo "Installing what $lock pins."
export PIP_DISABLE_PIP_VERSION_CHECK=1
"$folder/bin/python" -m pip install --quiet --no-compile --require-hashes --requirement "$lock"
"$folder/bin/python" -m pip install --quiet --no-deps --editable .
