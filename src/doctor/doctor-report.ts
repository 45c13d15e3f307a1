import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { ToolError } from '../errors/tool-error.ts';
import { sizeInWords } from '../output/byte-size.ts';
import { envelope } from '../output/envelope.ts';
import { findingsText } from '../output/findings-text.ts';
import { printable } from '../output/printable.ts';
import { Redactor } from '../output/redactor.ts';
import { PLAIN_STYLE } from '../output/style.ts';
import type { CommandContext } from '../session/context.ts';
import { NotDurable, replaceFile } from '../store/durable-file.ts';
import { type Examination, examinationData } from './examination-data.ts';
import { jsonText, type ReportFile, reportFiles, secretsSeen } from './report-files.ts';

/**
 * Writes what doctor found, and what it found it in, to a .tgz that only its owner can read, and names each
 * file on standard error. Secrets are in it by digest or masked, those of other workloads in the namespace too. An older file is replaced when the new one
 * is whole. @throws ToolError where it can't be written.
 */
export async function writeReport(
  path: string,
  examination: Examination,
  context: CommandContext,
): Promise<void> {
  const { io } = context;
  const files = [...summaryFiles(examination, context), ...(await filesOfDoctor(examination))];
  // For the file alone: what others keep secret may be a word that our own output needs.
  const redactor = new Redactor();
  if (examination.doctor !== undefined) redactor.add(secretsSeen(examination.doctor));
  const masked = files.map(({ path: name, text }) => ({
    path: name,
    // Whoever unpacks it reads it on a terminal.
    text: printable(io.masked(redactor.redact(text))),
  }));
  await writeWhole(path, await archive(masked, context.now()));
  io.say(`Written ${path}, for you alone to read; what is in it:`);
  for (const { path: name, text } of masked) io.say(`  ${name} (${sizeInWords(Buffer.byteLength(text))})`);
  io.say(
    'Secrets are in it as digests or masked; names, addresses and logs are not: read it before you pass it on.',
  );
}

function summaryFiles(examination: Examination, { now, version, spelling }: CommandContext): ReportFile[] {
  const { findings, doctor } = examination;
  const versions = {
    tool: version,
    node: process.version,
    platform: `${process.platform}/${process.arch}`,
    server: doctor?.connection.serverVersion ?? null,
  };
  return [
    {
      path: 'findings.txt',
      text: findingsText(findings, PLAIN_STYLE, { now: now(), wide: true, several: true, spelling }),
    },
    {
      path: 'findings.json',
      text: jsonText(envelope('DoctorReport', examinationData(examination, spelling))),
    },
    { path: 'versions.json', text: jsonText(versions) },
  ];
}

async function filesOfDoctor({ doctor }: Examination): Promise<ReportFile[]> {
  return doctor === undefined ? [] : reportFiles(doctor);
}

async function archive(files: readonly ReportFile[], mtime: Date): Promise<Buffer> {
  const { packTar } = await import('modern-tar');
  const tar = await packTar(
    files.map(({ path, text }) => {
      const body = Buffer.from(text);
      return { header: { name: `doctor/${path}`, size: body.length, mode: 0o600, mtime }, body };
    }),
  );
  return promisify(gzip)(tar);
}

async function writeWhole(path: string, bytes: Buffer): Promise<void> {
  try {
    await replaceFile(path, bytes);
  } catch (cause) {
    // It is there, and is not kept for long.
    if (cause instanceof NotDurable) return;
    throw new ToolError(`the report can't be written to ${path}: ${(cause as Error).message}`, {
      cause,
      untouched: 'no file was left behind, and nothing in the cluster was changed',
      next: 'name another file: --report /tmp/doctor.tgz',
    });
  }
}
