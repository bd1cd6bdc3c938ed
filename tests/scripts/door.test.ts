import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { parseLaunchEnv } from '@/lib/env';
import { makeDoor } from '@/scripts/serve/door';
import { freePort } from '../support/free-port';

const NEWCOMERS = 24;

async function openDoor() {
  const port = await freePort();
  const door = makeDoor(parseLaunchEnv({ NODE_ENV: 'production', HOST: '127.0.0.1', PORT: String(port) }), false);
  await door.openWide();
  return { door, port, url: `http://127.0.0.1:${port}/` };
}

test('newcomers who stand in line are taken in together, not one in each turn of the loop', async () => {
  const { door, port } = await openDoor();
  let now = 0;
  const turns: number[] = [];
  door.server.on('connection', () => turns.push(now));
  const sockets = Array.from({ length: NEWCOMERS }, () => connect(port, '127.0.0.1'));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await door.close(0);
  });
  while (turns.length < NEWCOMERS) {
    await turn();
    now++;
  }
  expect(new Set(turns).size).toBeLessThan(NEWCOMERS / 3);
});

test('whoever comes while the door opens wide is answered', async () => {
  const port = await freePort();
  const door = makeDoor(parseLaunchEnv({ NODE_ENV: 'production', HOST: '127.0.0.1', PORT: String(port) }), false);
  door.answerBy((_, response) => response.end('ok'));
  await door.open();
  await door.shut();
  const opened = door.openWide();
  const answers: Promise<string>[] = [];
  const knock = async () => (await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } })).text();
  const knocking = setInterval(() => answers.push(...Array.from({ length: 20 }, knock)), 10);
  await opened;
  clearInterval(knocking);
  expect(answers.length).toBeGreaterThan(20);
  expect(await Promise.all(answers)).toEqual(answers.map(() => 'ok'));
  await door.close(0);
});

test('each of them is answered, and a door that closed takes in nobody', async () => {
  const { door, port, url } = await openDoor();
  door.answerBy((_, response) => response.end('ok'));
  const answers = await Promise.all(
    Array.from({ length: NEWCOMERS }, () => fetch(url, { headers: { connection: 'close' } }).then((it) => it.text())),
  );
  expect(answers).toEqual(Array(NEWCOMERS).fill('ok'));
  await door.close(0);
  const [error] = await once(connect(port, '127.0.0.1'), 'error');
  expect(error.code).toBe('ECONNREFUSED');
});
