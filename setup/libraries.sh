#!/bin/sh
# The page libraries that browser tests meet: Turbo, htmx, React 18 and 19 as published, in the versions below.
# Kept in a cache outside the source tree; npm checks their integrity against the registry's record. Prints the folder.
set -eu
turbo=8.0.23 htmx=2.0.11 react18=18.3.1 react19=19.3.1 esbuild=0.28.2
root=$(cd "$(dirname "$0")/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/widget-service/libraries-$turbo-$htmx-$react18-$react19-$esbuild
if [ ! -e "$cache/.complete" ]; then
    npm install --silent --no-audit --no-fund --no-package-lock --legacy-peer-deps --prefix "$cache" \
        "@hotwired/turbo@$turbo" "htmx.org@$htmx" "react@$react19" "react-dom@$react19" \
        "react-18@npm:react@$react18" "react-dom-18@npm:react-dom@$react18" "esbuild@$esbuild" >&2
    touch "$cache/.complete"
fi
# What a React site ships: its own code and React in one file, as its bundler makes it.
bundle() {
    NODE_PATH="$cache/node_modules" "$cache/node_modules/.bin/esbuild" "$root/e2e/zoo/react.js" --bundle --minify \
        --log-level=error --define:process.env.NODE_ENV=\"production\" "$@" >&2
}
bundle --outfile="$cache/react19.js"
bundle --alias:react=react-18 --alias:react-dom=react-dom-18 --outfile="$cache/react18.js"
cp "$cache/node_modules/@hotwired/turbo/dist/turbo.es2017-umd.js" "$cache/turbo.js"
cp "$cache/node_modules/htmx.org/dist/htmx.min.js" "$cache/htmx.js"
echo "$cache"
