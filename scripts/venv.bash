# The Python packages and the release build that scripts/interop and scripts/chaos need; to be sourced, not run.
#
# Usage:  source scripts/venv.bash    in the root of the tree
#         make_venv                   sets venv: a folder with the packages of scripts/interop_packages.txt
#         build_release               sets hookline: the release that was built
#
# Needs: Python 3.11 with venv, PyPI where packages are missing; swift.

make_venv() {
    local packages=scripts/interop_packages.txt
    venv=.build-interop/venv
    if ! cmp -s "$packages" "$venv/installed.txt"; then
        echo "installing the packages of $packages ..."
        rm -rf "$venv"
        python3 -m venv "$venv"
        if ! "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$packages" </dev/null; then
            echo "packages from PyPI are missing; type: $venv/bin/pip install --requirement $packages" >&2
            exit 1
        fi
        cp "$packages" "$venv/installed.txt"
    fi
}

build_release() {
    echo "building the release ..."
    swift build -c release --static-swift-stdlib --product hookline </dev/null >"$venv/build.log" 2>&1 ||
        { cat "$venv/build.log" >&2; exit 1; }
    hookline=$(swift build -c release --show-bin-path </dev/null)/hookline
}
