import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../../src/model/json/json.ts';
import { arrayAt, stringAt } from '../../../src/model/json/json.ts';
import { toYaml } from '../../../src/model/json/yaml.ts';
import { goTool } from '../../cluster/build/go-tool.ts';
import { freePort } from '../free-port.ts';
import { type StartedServer, startedServer } from './started-server.ts';

/** A Prometheus of its own on 127.0.0.1, which looks each second. */
export interface Prometheus extends StartedServer {
  /** The series that an expression gives now, each by its labels with its value. @throws Error where it is none. */
  query(expression: string): Promise<{ labels: JsonObject; value: number }[]>;
  /** Alerts whose expression holds now, by name and the labels that `wanted` names; "for" is not waited for. */
  alerts(...wanted: string[]): Promise<string[]>;
  /** GET below /api/v1: its `data`. */
  api(path: string): Promise<JsonObject>;
}

/** @param targets URLs of what is scraped. @param rules the text of a rules file. */
export async function startPrometheus(targets: readonly string[], rules: string): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'memcached-backup-prometheus-'));
  const port = await freePort();
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: ['rules.yaml'],
    scrape_configs: [
      {
        job_name: 'test',
        honor_labels: true,
        static_configs: [{ targets: targets.map((url) => new URL(url).host) }],
      },
    ],
  };
  writeFileSync(join(folder, 'prometheus.yaml'), toYaml(config));
  writeFileSync(join(folder, 'rules.yaml'), rules);
  const args = [
    `--config.file=${join(folder, 'prometheus.yaml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=error',
  ];
  const atEnd = (): void => rmSync(folder, { recursive: true, force: true });
  const server = await startedServer(await goTool('prometheus'), args, { port, atEnd });
  const api = async (path: string): Promise<JsonObject> => {
    const answer = (await (await fetch(`${server.url}/api/v1/${path}`)).json()) as JsonObject;
    if (answer.status !== 'success') throw new Error(`${path}: ${JSON.stringify(answer)}`);
    return answer.data as JsonObject;
  };
  return {
    ...server,
    api,
    query: async (expression) => {
      const data = await api(`query?query=${encodeURIComponent(expression)}`);
      return arrayAt(data, 'result').map((each) => {
        const { metric, value } = each as { metric: JsonObject; value: [number, string] };
        return { labels: metric, value: Number(value[1]) };
      });
    },
    alerts: async (...wanted) =>
      arrayAt(await api('alerts'), 'alerts')
        .map((alert) =>
          ['alertname', ...wanted].map((label) => stringAt(alert, 'labels', label) ?? '').join(' '),
        )
        .sort(),
  };
}
