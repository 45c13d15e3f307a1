import { basename } from 'node:path';
import project from '../../package.json' with { type: 'json' };
import { type Archive, downloadUrl } from './archives.ts';

/**
 * The Homebrew formula of these archives, for a tap (docs.brew.sh/Formula-Cookbook); those for Windows are passed over. What it
 * installs is the unpacked archive, so that it is a folder for `helm plugin install` as well.
 */
export function homebrewFormula(archives: readonly Archive[]): string {
  return `class MemcachedBackup < Formula
  desc "Back up and restore memcached releases on Kubernetes"
  homepage "${project.homepage}"
  version "${project.version}"
  license "${project.license}"

${platform('macos', 'darwin', archives)}

${platform('linux', 'linux', archives)}

  def install
    libexec.install Dir["*"]
    # Its library lies beside it, and is found through the link. By the second name kubectl asks it for completions.
    bin.install_symlink libexec/"dist/kubectl-memcached_backup"
    bin.install_symlink libexec/"dist/kubectl-memcached_backup" => "kubectl_complete-memcached_backup"
    generate_completions_from_executable(bin/"kubectl-memcached_backup", "completion")
    man1.install_symlink Dir[libexec/"man/man1/*.1"]
  end

  def caveats
    <<~EOS
      A backup holds the release's Secrets in plain text, in files that only you can
      read, unless it is sealed (--encrypt-to) or taken without (--without-secrets).
      For Helm, too: helm plugin install #{opt_libexec}
    EOS
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/kubectl-memcached_backup --version")
  end
end
`;
}

/** Homebrew's names of processors. */
const PROCESSORS = { arm64: 'arm', amd64: 'intel' } as const;

function platform(name: string, os: Archive['os'], archives: readonly Archive[]): string {
  const blocks = (['arm64', 'amd64'] as const).flatMap((arch) => {
    const archive = archives.find((each) => each.os === os && each.arch === arch);
    if (archive === undefined) return [];
    return [
      `    on_${PROCESSORS[arch]} do
      url "${downloadUrl(basename(archive.file))}"
      sha256 "${archive.sha256}"
    end`,
    ];
  });
  return `  on_${name} do\n${blocks.join('\n')}\n  end`;
}
