import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@/db/embedded';

const SETTINGS = { fsync: 'off', shared_buffers: '32MB' };

/** A primary and its streaming replica: the primary's files are copied while it stands still. */
export async function startPair() {
  const dir = mkdtempSync(join(tmpdir(), 'rollcall-pair-'));
  chmodSync(dir, 0o755);
  const [one, two] = [join(dir, 'primary'), join(dir, 'replica')];
  await startEmbeddedPostgres({ dataDir: one, settings: SETTINGS }).then((fresh) => fresh.stop());
  // With its owner, who is not us where we are root.
  execFileSync('cp', ['-a', one, two]);
  writeFileSync(join(two, 'server', 'data', 'standby.signal'), '');

  const primary = await startEmbeddedPostgres({ dataDir: one, settings: SETTINGS });
  const { port, username, password } = new URL(primary.url);
  const conninfo = `host=127.0.0.1 port=${port} user=${username} password=${password}`;
  const replica = await startEmbeddedPostgres({ dataDir: two, settings: { ...SETTINGS, primary_conninfo: conninfo } });
  const stop = async (server: EmbeddedPostgres) => server.stop();
  return {
    primary,
    replica,
    async stop() {
      await stop(replica);
      await stop(primary);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
