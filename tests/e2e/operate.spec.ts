import { expect, signIn, test, USERS } from './support/story';

const operator = { authorization: `Bearer ${process.env.E2E_METRICS_TOKEN}` };

test('an operator reads what people do, in figures without them', async ({ page, acme }) => {
  await signIn(page, acme.admin);
  const answer = await page.goto(USERS);
  expect(answer?.headers()['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);

  // Of both processes together, whichever is asked.
  const scrape = async () => {
    const scraped = await page.request.get('/api/metrics', { headers: operator });
    expect(scraped.status()).toBe(200);
    return scraped.text();
  };
  // A request is counted when its answer has left.
  await expect
    .poll(scrape)
    .toMatch(/request_seconds_count\{route="\/administration\/access\/users",method="GET",status="200"\} [1-9]/);
  const figures = await scrape();
  expect(figures).toMatch(/rollcall_sign_ins_total\{method="password",outcome="open"\} [1-9]/);
  expect(figures).toMatch(/rollcall_query_seconds_count\{operation="select"\} [1-9]/);
  expect(figures).toMatch(/rollcall_mail_waiting\{status="queued"\} \d/);
  expect(figures).toMatch(/process_resident_memory_bytes [1-9]/);
  expect(figures).toContain('rollcall_database_pool_size{pool="primary"} 20\n');
  for (const secret of [acme.slug, acme.id, acme.admin.email, acme.admin.id]) expect(figures).not.toContain(secret);
});

test('ready tells strangers which part, and the operator why', async ({ request }) => {
  const parts = { status: 'ok', database: 'ok', keys: 'ok', clock: 'ok', mail: 'ok', disk: expect.any(String) };
  expect(await (await request.get('/api/health/ready')).json()).toEqual(parts);
  const told = await (await request.get('/api/health/ready', { headers: operator })).json();
  expect(told).toEqual({ ...parts, details: expect.any(Object) });
});
