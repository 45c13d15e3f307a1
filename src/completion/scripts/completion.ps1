# PowerShell completion of kubectl-memcached_backup.
# For this shell:  kubectl-memcached_backup completion powershell | Out-String | Invoke-Expression
# For every one:   kubectl-memcached_backup completion powershell >> $PROFILE
# Of "kubectl memcached-backup": kubectl-memcached_backup completion install

Register-ArgumentCompleter -Native -CommandName 'kubectl-memcached_backup' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $words = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object {
        if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value } else { $_.Extent.Text }
    })
    $program, $arguments = $words
    # PowerShell cuts "restore beta@2026" at "@": the word is what stands there, up to the cursor.
    $last = $commandAst.CommandElements | Where-Object { $_.Extent.StartOffset -lt $cursorPosition -and $_.Extent.EndOffset -ge $cursorPosition } | Select-Object -Last 1
    $current = ''
    if ($null -ne $last) { $current = $last.Extent.Text.Substring(0, $cursorPosition - $last.Extent.StartOffset) }
    if ($null -eq $program) { return }
    $typed = $current
    if ($typed -eq '' -and $PSNativeCommandArgumentPassing -notin 'Standard', 'Windows') { $typed = '""' }

    $before = ''
    if ($current -match '^(--[^=]+=)') { $before = $Matches[1] }
    & $program __complete @arguments $typed 2>$null | ForEach-Object {
        if ($_ -eq '' -or $_.StartsWith(':')) { return }
        $value, $about = $_ -split "`t", 2
        if (-not $about) { $about = $value }
        [System.Management.Automation.CompletionResult]::new("$before$value", $value, 'ParameterValue', $about)
    }
}
