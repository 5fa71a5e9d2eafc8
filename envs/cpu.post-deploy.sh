# Let the new environment import the package from this repository, so that edits are seen.
set -eu
echo "$PWD/src" > "$(python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/qm7bench.pth"
