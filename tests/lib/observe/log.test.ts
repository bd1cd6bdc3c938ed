import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { during, noteActor } from '@/lib/observe/doing';
import { log, logLines, takeConsole } from '@/lib/observe/log';

/** The lines of one test, in the format that it asks for. */
const shared = globalThis as { rollcallLog?: unknown };
let said: string[] = [];
const ways = { out: vi.spyOn(logLines, 'out'), error: vi.spyOn(logLines, 'error') };

beforeEach(() => {
  said = [];
  delete shared.rollcallLog;
  process.env.LOG_FORMAT = 'json';
  process.env.LOG_LEVEL = 'info';
  for (const way of Object.values(ways)) way.mockImplementation((line) => void said.push(line));
});
afterEach(() => {
  delete shared.rollcallLog;
  for (const way of Object.values(ways)) way.mockReset();
});
const lines = () => said.map((line) => JSON.parse(line));

describe('the log', () => {
  test('is one JSON object a line, with time, level, process and words', () => {
    log.info('Done', { rows: 3 });
    expect(said[0]).toMatch(/^\{.*\}\n$/);
    expect(lines()).toEqual([
      { level: 'info', time: expect.stringMatching(/^\d{4}-.*Z$/), pid: process.pid, rows: 3, msg: 'Done' },
    ]);
  });

  test('names the request that it is part of, and for whom, however deep the code has got', async () => {
    await during({ requestId: 'one', route: '/profile' }, async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      noteActor({ tenantId: 'acme', actorId: 'ada' });
      await Promise.all([Promise.resolve().then(() => log.info('inside'))]);
    });
    log.info('outside');
    const [inside, outside] = lines();
    expect(inside).toMatchObject({ requestId: 'one', route: '/profile', tenantId: 'acme', actorId: 'ada' });
    expect(outside.requestId).toBeUndefined();
  });

  test('keeps requests that run at the same time apart', async () => {
    await Promise.all(
      ['one', 'two'].map((requestId) =>
        during({ requestId }, async () => {
          noteActor({ tenantId: `of ${requestId}` });
          await new Promise((resolve) => setTimeout(resolve, 5));
          log.info(requestId);
        }),
      ),
    );
    for (const { msg, requestId, tenantId } of lines()) expect([requestId, tenantId]).toEqual([msg, `of ${msg}`]);
  });

  test.each(['json', 'pretty'])(
    'cannot be made to lie: what somebody sent begins no line and no colour (%s)',
    (format) => {
      process.env.LOG_FORMAT = format;
      const sent = 'x\n12:00:00 info  forged\r\u001b[31m\u009b31m\u2028\u202e"';
      log.info(sent, { name: sent });
      log.warn('refused', { [sent]: 1 });
      for (const line of said) {
        expect(line.indexOf('\n')).toBe(line.length - 1);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
        expect(line.trimEnd()).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e]/);
      }
    },
  );

  test('tells of an error its kind, words, stack and causes, and nothing that it carries besides', () => {
    const cause = Object.assign(new Error('duplicate key'), {
      code: '23505',
      detail: 'Key (email)=(ada@acme.example)',
    });
    log.error('A deed failed', Object.assign(new TypeError('no', { cause }), { parameters: ['secret'] }));
    log.error('thrown bare', 'a word');
    expect(said.join()).not.toMatch(/ada@acme|secret/);
    const [first, second] = lines();
    expect(first.err).toMatchObject({ type: 'TypeError', message: 'no', cause: { code: '23505' } });
    expect(first.err.stack).toContain('log.test.ts');
    expect(second.err).toEqual({ message: 'a word' });
    expect(ways.error, 'on stderr').toHaveBeenCalledTimes(2);
  });

  test('a line has a limit, whatever the error says', () => {
    log.error('long', new Error('x'.repeat(1_000_000)));
    expect(said[0]?.length).toBeLessThan(50_000);
  });

  test('says nothing below its level', () => {
    process.env.LOG_LEVEL = 'warn';
    log.info('not this');
    log.warn('this');
    expect(lines().map(({ msg }) => msg)).toEqual(['this']);
  });

  test('takes in what others write to the console', () => {
    const { debug, info, warn, log: plain, error } = console;
    try {
      takeConsole();
      console.error('It broke: %s', 'badly', new Error('why'));
      console.log('a word');
    } finally {
      Object.assign(console, { debug, info, warn, log: plain, error });
    }
    expect(lines()).toMatchObject([
      { level: 'error', msg: 'It broke: badly', err: { message: 'why' } },
      { level: 'info', msg: 'a word' },
    ]);
  });

  test('for the eye, an error has its stack and its cause below', () => {
    process.env.LOG_FORMAT = 'pretty';
    log.error('A deed failed', new Error('no', { cause: new Error('the reason') }), { requestId: 'one' });
    expect(said[0]).toMatch(/^\d\d:\d\d:\d\d error A deed failed: no {2}requestId="one"\n {6}at /);
    expect(said[0]).toContain('caused by: the reason');
  });
});
