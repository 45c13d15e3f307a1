class MemcachedBackup < Formula
  desc "Back up and restore memcached releases on Kubernetes"
  homepage "https://memcached-backup.example"
  version "0.1.0"
  license "Apache-2.0"

  on_macos do
    on_arm do
      url "https://memcached-backup.example/releases/download/v0.1.0/memcached-backup-v0.1.0-darwin-arm64.tar.gz"
      sha256 "4444444444444444444444444444444444444444444444444444444444444444"
    end
    on_intel do
      url "https://memcached-backup.example/releases/download/v0.1.0/memcached-backup-v0.1.0-darwin-amd64.tar.gz"
      sha256 "3333333333333333333333333333333333333333333333333333333333333333"
    end
  end

  on_linux do
    on_arm do
      url "https://memcached-backup.example/releases/download/v0.1.0/memcached-backup-v0.1.0-linux-arm64.tar.gz"
      sha256 "2222222222222222222222222222222222222222222222222222222222222222"
    end
    on_intel do
      url "https://memcached-backup.example/releases/download/v0.1.0/memcached-backup-v0.1.0-linux-amd64.tar.gz"
      sha256 "1111111111111111111111111111111111111111111111111111111111111111"
    end
  end

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
