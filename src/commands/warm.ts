import { ExitCode } from '../errors/exit-code.ts';
import { UsageError } from '../errors/tool-error.ts';
import { printData } from '../output/print.ts';
import type { CommandContext, OutputFormat } from '../session/context.ts';
import { readHeaders, readUrls } from '../warm/url-list.ts';
import { type WantedWarming, warmCache } from '../warm/warm.ts';
import type { UrlPlan } from '../warm/warm-by-urls.ts';
import { warmLines } from './warm-view.ts';

export interface WarmOptions extends Omit<WantedWarming, 'urls'> {
  /** --url */
  givenUrls: readonly string[];
  /** --urls */
  urlFile?: string;
  /** --header-file */
  headerFile?: string;
  how: Omit<UrlPlan, 'urls' | 'headers'>;
  output: OutputFormat;
}

/**
 * `warm RELEASE`: fills a cache and proves that it is warm.
 * @returns ok; incomplete where something is lacking.
 * @throws as warmCache does; UsageError where nothing says what to fill it with or what to wait for.
 */
export async function warm(options: WarmOptions, context: CommandContext): Promise<ExitCode> {
  const { givenUrls, urlFile, headerFile, how, output, ...wanted } = options;
  const list = await readUrls(givenUrls, urlFile);
  if (list.length === 0 && wanted.from === undefined && wanted.hitRatio === undefined) {
    throw new UsageError(`nothing says what ${wanted.release} is to be warmed with`, {
      next: '--from RELEASE, --from pod/NAME, --url URL or --urls FILE; or --until-hit-ratio 0.9 to watch alone',
    });
  }
  if (wanted.to !== undefined && wanted.from === undefined)
    throw new UsageError('--to names the pod that is copied to, and there is no --from');
  const headers = await readHeaders(headerFile);
  context.io.mask(headers.map(([, value]) => value));
  const urls = list.length === 0 ? {} : { urls: { ...how, urls: list, headers } };
  const report = await warmCache({ ...wanted, ...urls }, context);
  const { io } = context;
  const names = [report.release];
  if (!(await printData(io, output, { kind: 'WarmReport', data: report, names })))
    for (const line of warmLines(report, io.outStyle)) io.out(line);
  return report.lacking.length === 0 ? ExitCode.ok : ExitCode.incomplete;
}
