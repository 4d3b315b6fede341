#!/bin/sh
# TypeScript's strict checker over the JavaScript: for CI and contributors only, nothing is built from it.
# The compiler is kept in a cache outside the source tree; npm checks its integrity against the registry's record.
set -eu
version=5.9.3
cache=${XDG_CACHE_HOME:-$HOME/.cache}/widget-service/typescript-$version
if [ ! -x "$cache/node_modules/.bin/tsc" ]; then
    npm install --silent --no-audit --no-fund --no-package-lock --prefix "$cache" "typescript@$version"
fi
for project in sdk_snippet/tsconfig.json static/tsconfig.json tsconfig.json; do
    if [ -f "$project" ]; then
        echo "tsc --strict -p $project"
        "$cache/node_modules/.bin/tsc" --strict --noEmit -p "$project"
        checked=yes
    fi
done
[ "${checked:-}" = yes ] || { echo "No tsconfig.json found: the JavaScript was not checked." >&2; exit 1; }
