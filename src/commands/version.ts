import { ExitCode } from '../errors/exit-code.ts';
import { FORMAT_VERSION } from '../model/records/backup-format.ts';
import { print } from '../output/print.ts';
import type { CommandContext, OutputFormat } from '../session/context.ts';

export interface VersionOptions {
  output: OutputFormat;
}

/** Prints the versions of the tool, of the backup format it writes, and of the Node.js inside it. */
export async function version(options: VersionOptions, context: CommandContext): Promise<ExitCode> {
  if (options.output === 'table') {
    context.io.out(`memcached-backup ${context.version}`);
    return ExitCode.ok;
  }
  const data = {
    version: context.version,
    formatVersion: FORMAT_VERSION,
    node: process.versions.node,
    platform: `${process.platform}/${process.arch}`,
  };
  await print(
    context.io,
    {
      data,
      rows: [data],
      columns: [
        { header: 'VERSION', cell: (row) => row.version },
        { header: 'FORMAT', cell: (row) => String(row.formatVersion) },
        { header: 'NODE', cell: (row) => row.node },
        { header: 'PLATFORM', cell: (row) => row.platform },
      ],
      name: (row) => row.version,
    },
    { output: options.output, headers: true },
  );
  return ExitCode.ok;
}
