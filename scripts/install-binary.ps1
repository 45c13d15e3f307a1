# install-binary.sh for Windows: puts the plugin's binary beside plugin.yaml, where it is not there already. Helm runs this when it
# installed the plugin ("install") or fetched a newer one ("update"); by hand, without a word, it does the same as "update".
#
# It comes from the release of the version in plugin.yaml, or from MEMCACHED_BACKUP_RELEASES: a folder or a URL with the same
# files in it (v0.1.0/memcached-backup-v0.1.0-windows-amd64.zip). What came is held to the digests in SHA256SUMS: the plugin's own,
# which its signature covers; a Git checkout has none, there it is the release's.
# Windows PowerShell 5.1, which every Windows has, or newer.
param([ValidateSet('install', 'update')][string]$Mode = 'update')
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
# Its progress bar makes a download many times slower.
$ProgressPreference = 'SilentlyContinue'

$releases = $env:MEMCACHED_BACKUP_RELEASES
if (-not $releases) { $releases = 'https://memcached-backup.example/releases/download' }
$plugin = Split-Path -Parent $PSScriptRoot
$dist = Join-Path $plugin 'dist'
$name = 'kubectl-memcached_backup.exe'
$binary = Join-Path $dist $name
$manifest = Get-Content -Raw -LiteralPath (Join-Path $plugin 'plugin.yaml')
$version = [regex]::Match($manifest, '(?m)^version: *(\S+)').Groups[1].Value
$archive = "memcached-backup-v$version-windows-amd64.zip"
$from = "$releases/v$version"

function Say([string[]]$Lines) { foreach ($line in $Lines) { [Console]::Error.WriteLine($line) } }

# What a program says of its version; an empty text where it does not run.
function Get-ItsVersion([string]$Program) {
    if (-not (Test-Path -LiteralPath $Program)) { return '' }
    try { return [string](& $Program --version 2>$null | Select-Object -First 1) } catch { return '' }
}

# A file of the release, to a path.
function Get-Released([string]$File, [string]$To) {
    try {
        if ($from -match '^https?://') {
            [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12
            Invoke-WebRequest -UseBasicParsing -Uri "$from/$File" -OutFile $To
        }
        else { Copy-Item -LiteralPath (Join-Path ($from -replace '^file:///', '') $File) -Destination $To }
    }
    catch {
        $lines = @("error: $from/$File can't be had: $($_.Exception.Message)")
        if ((Test-Path -LiteralPath (Join-Path $plugin 'package.json')) -and -not (Test-Path -LiteralPath $binary)) {
            $lines += 'This is a checkout of the sources, which are built on Linux: npm run release'
        }
        else {
            $lines += "From a folder or web server of yours that has v$version/${archive}:"
            $lines += "  `$env:MEMCACHED_BACKUP_RELEASES = '<FOLDER or URL>', then the same command again"
        }
        throw ($lines -join "`n")
    }
}

# A plugin that Helm copied or linked, and that can't run, would be "already there" at the next try.
function Remove-Installed {
    if ($env:HELM_PLUGIN_NAME -ne 'memcached-backup' -or -not $env:HELM_PLUGIN_DIR) { return }
    if ([IO.Path]::GetFullPath($env:HELM_PLUGIN_DIR) -ne [IO.Path]::GetFullPath($plugin)) { return }
    # Sources can be built where they are.
    if (Test-Path -LiteralPath (Join-Path $plugin 'package.json')) { return }
    $folder = Get-Item -LiteralPath $plugin -Force
    # Of a link, the link alone.
    if ($folder.Attributes -band [IO.FileAttributes]::ReparsePoint) { $folder.Delete() }
    else { Remove-Item -LiteralPath $plugin -Recurse -Force }
    # Helm 4 keeps the archive beside it.
    foreach ($kept in "memcached-backup-$version.tgz", "memcached-backup-$version.tgz.prov") {
        Remove-Item -LiteralPath (Join-Path (Split-Path -Parent $plugin) $kept) -Force -ErrorAction SilentlyContinue
    }
    Say 'Nothing was left installed.'
}

function Install-Binary {
    if ($Mode -eq 'install' -and (Get-ItsVersion $binary)) { return }
    if ((Get-ItsVersion $binary) -eq "memcached-backup $version") { return }
    if ($env:PROCESSOR_ARCHITECTURE -ne 'AMD64') {
        throw "error: there is no memcached-backup for Windows on $($env:PROCESSOR_ARCHITECTURE).`nIt is built for Linux and macOS on amd64 and arm64, and for Windows on amd64."
    }
    Say "Getting memcached-backup $version for windows/amd64 (about 50 MB)"
    New-Item -ItemType Directory -Force -Path $dist | Out-Null
    Get-ChildItem -LiteralPath $dist -Filter '.install-*' -Force | Remove-Item -Recurse -Force
    $work = Join-Path $dist ".install-$PID"
    New-Item -ItemType Directory -Path $work | Out-Null
    try {
        $sums = Join-Path $plugin 'SHA256SUMS'
        if (-not (Test-Path -LiteralPath $sums)) {
            $sums = Join-Path $work 'SHA256SUMS'
            Get-Released 'SHA256SUMS' $sums
        }
        $line = "(?m)^([0-9a-f]{64}) [ *]$([regex]::Escape($archive))\r?$"
        $wanted = [regex]::Match((Get-Content -Raw -LiteralPath $sums), $line).Groups[1].Value
        if (-not $wanted) { throw "error: $sums has no digest of $archive." }
        $zip = Join-Path $work $archive
        Get-Released $archive $zip
        $found = (Get-FileHash -Algorithm SHA256 -LiteralPath $zip).Hash.ToLowerInvariant()
        if ($found -ne $wanted) {
            throw "error: $from/$archive is not what was released: its SHA-256 is`n  $found`nand should be`n  $wanted"
        }
        Add-Type -AssemblyName System.IO.Compression.FileSystem
        $opened = [IO.Compression.ZipFile]::OpenRead($zip)
        try {
            $entry = $opened.GetEntry("dist/$name")
            if (-not $entry) { throw "error: $archive has no dist/$name." }
            [IO.Compression.ZipFileExtensions]::ExtractToFile($entry, (Join-Path $work $name))
        }
        finally { $opened.Dispose() }
        if (-not (Get-ItsVersion (Join-Path $work $name))) { throw "error: the binary of memcached-backup $version does not run on this system." }
        Move-Item -LiteralPath (Join-Path $work $name) -Destination $binary -Force
    }
    finally { Remove-Item -LiteralPath $work -Recurse -Force -ErrorAction SilentlyContinue }
}

$isDone = $false
try {
    Install-Binary
    $isDone = $true
}
catch { Say "$($_.Exception.Message)" }
finally { if (-not $isDone -and $Mode -eq 'install') { Remove-Installed } }
if (-not $isDone) { exit 1 }
