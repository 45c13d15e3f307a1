import { ExitCode } from '../errors/exit-code.ts';
import { FORMAT_VERSION, FORMAT_VERSIONS } from '../model/records/backup-format.ts';
import { print } from '../output/print.ts';
import type { CommandContext, OutputFormat } from '../session/context.ts';

export interface VersionOptions {
  output: OutputFormat;
}

/** Prints the versions of the tool, of the backup formats it writes and reads, and of the Node.js inside it. */
export async function version(options: VersionOptions, context: CommandContext): Promise<ExitCode> {
  if (options.output === 'table') {
    context.io.out(`memcached-backup ${context.version}`);
    return ExitCode.ok;
  }
  const data = {
    version: context.version,
    formatVersion: FORMAT_VERSION,
    formatVersions: { written: FORMAT_VERSIONS, read: FORMAT_VERSIONS },
    node: process.versions.node,
    platform: `${process.platform}/${process.arch}`,
  };
  await print(
    context.io,
    {
      kind: 'Version',
      data,
      rows: [data],
      columns: [
        { header: 'VERSION', cell: (row) => row.version },
        { header: 'FORMATS', cell: (row) => row.formatVersions.written.join(', ') },
        { header: 'NODE', cell: (row) => row.node },
        { header: 'PLATFORM', cell: (row) => row.platform },
      ],
      name: (row) => row.version,
    },
    { output: options.output, headers: true },
  );
  return ExitCode.ok;
}
