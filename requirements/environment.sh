#!/bin/sh
# Makes or completes the virtual environment of one locked set, and says what it does.
#
#   sh requirements/environment.sh PYTHON VENV SET
#
# PYTHON: the interpreter to make it with. VENV: its folder. SET: a file of requirements/, without .txt.
set -eu
python=$1 venv=$2 set=$3
lock=requirements/$set.txt

fail() {
    echo "hoarfrost: $1" >&2
    exit 1
}

version=$("$python" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null) ||
    fail "expected a Python interpreter, got '$python'; name one with: make PYTHON=python3.12 ..."
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "expected Python 3.11 or later, got $version from '$python'; name another with: make PYTHON=python3.12 ..."

if [ ! -x "$venv/bin/python" ]; then
    "$python" -m venv --clear "$venv" >/dev/null 2>&1 || {
        rm -rf "$venv"
        fail "'$python -m venv' failed; on Debian and Ubuntu: apt install python3-venv"
    }
fi

n=$(grep -c '^[a-zA-Z0-9].*==' "$lock")
echo "hoarfrost: installing up to $n locked packages ($lock) into $venv with Python $version; the first time takes about a minute"
began=$(date +%s)
# The lock is complete, so nothing is to be resolved: a resolver would look for newer releases, and
# then refuse them for want of a hash.
install() {
    "$venv/bin/python" -m pip install -q --disable-pip-version-check --no-input --no-deps "$@"
}
install --require-hashes -r "$lock"
install --no-build-isolation -e .
"$venv/bin/python" requirements/complete.py "$set"
echo "hoarfrost: $venv is ready after $(($(date +%s) - began)) s"
