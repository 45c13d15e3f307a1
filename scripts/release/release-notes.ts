/**
 * What CHANGELOG.md says of a version: of its own section, or of "Unreleased (VERSION)" (keepachangelog.com).
 * @throws Error where it has no such section, or nothing in it.
 */
export function releaseNotes(changelog: string, version: string): string {
  const sections = changelog.split(/^(?=## )/m);
  const wanted = new RegExp(
    `^## (?:\\[?v?${RegExp.escape(version)}\\]?(?: .*)?|Unreleased \\(${RegExp.escape(version)}\\))\\n`,
  );
  const section = sections.find((text) => wanted.test(text));
  if (section === undefined)
    throw new Error(`CHANGELOG.md has no section of ${version}, nor "Unreleased (${version})"`);
  const text = section.replace(/^.*\n/, '').trim();
  if (text === '') throw new Error(`CHANGELOG.md says nothing of ${version}`);
  return `# memcached-backup ${version}

${text}

### Verify what you downloaded
    sha256sum --check --ignore-missing SHA256SUMS
`;
}
