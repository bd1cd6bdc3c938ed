import { expect, test } from 'vitest';
import { parseView } from '@/app/administration/access/audit-log/search-params';
import { parseView as parseUsersView } from '@/app/administration/access/users/search-params';
import { isKeptTime } from '@/db/kept-time';
import { cursor } from '@/lib/cursor';
import { readTime } from '@/lib/saml/clock';
import { call, newKey } from '../support/api';
import { cast } from '../support/cast';
import { newClient } from '../support/scim';

const YEAR_ZERO = '0000-01-01T00:00:00Z';
const YEAR_TEN_THOUSAND = '9999-12-31T23:59:59-14:00';

test('times are of the years 1 to 9999', () => {
  for (const kept of ['0001-01-01T00:00:00Z', '2026-11-25T00:00:00Z', '9999-12-31T23:59:59Z'])
    expect([kept, isKeptTime(new Date(kept))]).toEqual([kept, true]);
  for (const no of [YEAR_ZERO, YEAR_TEN_THOUSAND, '-000001-01-01', 'never'])
    expect([no, isKeptTime(new Date(no))]).toEqual([no, false]);
});

test('a time that Postgres does not know is refused at each door, or not understood', async () => {
  const { acme } = await cast();
  const { token } = await newKey(acme.ada);
  const idp = await newClient(acme.tenant);
  for (const time of [YEAR_ZERO, YEAR_TEN_THOUSAND]) {
    const query = new URLSearchParams({ from: time, until: time });
    expect((await call(token, 'GET', `/audit-entries?${query}`)).status).toBe(422);
    for (const operator of ['gt', 'le'])
      expect((await idp.find(`meta.created ${operator} "${time}"`)).status).toBe(400);
    expect(readTime(time)).toBeNull();
  }
  for (const day of ['0000-01-01', '0001-01-01', '9999-12-31'])
    expect(parseView({ from: day, until: day })).toEqual({});
  const place = cursor(['0000-01-01 00:00:00+00', acme.sam.id]);
  expect(parseUsersView({ sort: 'lastLogin', after: place }).after).toBeUndefined();
});
