#!/bin/sh
# Puts dist/release on GitHub as the release of a tag, by GitHub's own program: a draft first, which nobody sees while files are missing.
#
#   scripts/release/publish.sh TAG
set -eu
tag=$1
cd "$(dirname "$0")/../../dist/release"
gh release create "$tag" --verify-tag --draft --title "$tag" --notes-file RELEASE_NOTES.md
# Files of folders too; the index of krew is a Git repository of its own.
find . -type f -not -path './krew-index/*' -exec gh release upload "$tag" {} +
gh release edit "$tag" --draft=false
