import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import project from '../../../package.json' with { type: 'json' };
import { builtFiles, FROM_CHECKOUT } from '../../../scripts/build/archive-layout.ts';
import { PLATFORMS } from '../../../scripts/release/archives.ts';

const plugin = parse(readFileSync(join(import.meta.dirname, '../../../plugin.yaml'), 'utf8')) as Record<
  string,
  unknown
>;

/** helm.sh/helm/v3/pkg/plugin, Metadata. Helm 3 refuses other keys, and then loads no plugin at all. */
const HELM_3_KEYS = new Set([
  ...['name', 'version', 'usage', 'description', 'platformCommand', 'command', 'ignoreFlags'],
  ...['platformHooks', 'hooks', 'downloaders', 'useTunnel'],
]);

test('plugin.yaml has the version of package.json, as strict semver', () => {
  assert.equal(plugin.version, project.version);
  assert.match(project.version, /^\d+\.\d+\.\d+$/);
});

test('plugin.yaml has only keys that Helm 3 knows, and not both forms of the command', () => {
  assert.deepEqual(
    Object.keys(plugin).filter((key) => !HELM_3_KEYS.has(key)),
    [],
  );
  assert.equal('command' in plugin, false);
});

test('plugin.yaml has a command for each platform of a release, and hooks whose scripts are there', () => {
  interface Command {
    os?: string;
    arch?: string;
    command: string;
    args?: string[];
  }
  const { platformCommand, platformHooks } = plugin as unknown as {
    platformCommand: Command[];
    platformHooks: Record<string, Command[]>;
  };
  assert.deepEqual(
    platformCommand.map(({ os, arch, command }) => ({ os, arch, command })),
    PLATFORMS.map((platform) => ({
      ...platform,
      command: `$HELM_PLUGIN_DIR/${builtFiles(platform)[0]}`,
    })),
  );
  for (const event of ['install', 'update']) {
    const commands = platformHooks[event] ?? [];
    assert.deepEqual(
      commands.map(({ os }) => os),
      [undefined, 'windows'],
    );
    for (const { args = [] } of commands) {
      assert.equal(args.at(-1), event);
      const script = args.at(-2)?.replace('$HELM_PLUGIN_DIR/', '') ?? '';
      assert.ok(FROM_CHECKOUT.includes(script), script);
    }
  }
});
