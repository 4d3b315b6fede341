#!/bin/sh
# Usage: machine.sh PART…   (browser postgres redis pgbouncer node php curl npm prototype)
# Installs, of what the tests need from the machine, what is not there yet. Says the exact command where it cannot.
set -eu
. "$(dirname "$0")/privileges.sh"
python=${VENV:-.venv}/bin/python
download_limit=${BROWSER_DOWNLOAD_LIMIT:-180}  # seconds

has() { command -v "$1" >/dev/null 2>&1; }

playwright_chromium() {
    "$python" -c 'from playwright.sync_api import sync_playwright
with sync_playwright() as playwright: print(playwright.chromium.executable_path)' 2>/dev/null
}

# A browser counts as there when it runs: one without its libraries does not.
has_browser() {
    for browser in "$(playwright_chromium)" chromium chromium-browser google-chrome google-chrome-stable; do
        [ -n "$browser" ] && "$browser" --version >/dev/null 2>&1 && return
    done
    return 1
}

has_part() {
    case $1 in
        browser) has_browser ;;
        postgres) has initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 ;;
        redis) has redis-server || has valkey-server ;;
        prototype) [ -e /usr/share/javascript/prototype/prototype.js ] ;;
        *) has "$1" ;;
    esac
}

package_of() {
    case $1 in
        browser) echo chromium fonts-noto-color-emoji ;;
        postgres) echo postgresql ;;
        redis) echo redis-server ;;
        node) echo nodejs ;;
        php) echo php-cli ;;
        prototype) echo libjs-prototype ;;
        *) echo "$1" ;;
    esac
}

# What `playwright install --with-deps chromium` does, in an order that spends nothing where its download is impossible.
download_browser() {
    echo "Downloading Chromium through Playwright (at most $download_limit s)."
    timeout "$download_limit" "$python" -m playwright install chromium >/dev/null 2>&1 || return 1
    has_browser && return
    can_be_root && "$python" -m playwright install-deps chromium >/dev/null 2>&1
    has_browser
}

packages=
for part in "$@"; do
    if has_part "$part"; then continue; fi
    if [ "$part" = browser ] && download_browser; then continue; fi
    packages="$packages $(package_of "$part")"
done
if [ -z "$packages" ]; then exit 0; fi

# shellcheck disable=SC2086  # a list of package names
install_packages $packages
for part in "$@"; do
    if ! has_part "$part"; then
        echo "Still missing after the installation: $part" >&2
        exit 1
    fi
done
