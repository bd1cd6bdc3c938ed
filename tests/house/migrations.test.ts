import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { problemsOf } from '../support/migration-rules';

/** From this number on. Those before it were made while there was nothing to keep running. */
const FIRST = 20;

const numberOf = (file: string) => Number(file.slice(0, 4));
const migrations = readdirSync('db/migrations').filter((file) => file.endsWith('.sql'));

test.each(migrations.filter((file) => numberOf(file) >= FIRST).map((file) => [file]))(
  '%s keeps nobody from working, and leaves the version before what it uses',
  (file) => {
    expect(problemsOf(readFileSync(`db/migrations/${file}`, 'utf8'), numberOf(file))).toEqual([]);
  },
);

const REFUSED: [statement: string, why: RegExp][] = [
  ['create index i on users (email)', /keeps writers from users/],
  ['-- outside a transaction\ncreate index concurrently i on users (email)', /a broken one is dropped/],
  ['-- outside a transaction\ncreate index concurrently if not exists i on users (email)', /a broken one is dropped/],
  ['drop index concurrently if exists i; create index concurrently i on users (email)', /a file of its own/],
  ['-- outside a transaction\nalter table users add column x text', /nothing but indexes/],
  ['drop index i', /CONCURRENTLY/],
  ['alter table users add column x uuid default gen_random_uuid()', /computed for every row/],
  ['alter table users add column x text generated always as (lower(email)) stored', /computed for every row/],
  ['alter table users add column x bigserial', /computed for every row/],
  ['alter table users add column x text not null', /neither NULL nor a default/],
  ['alter table users add column x uuid references tenants (id)', /brings a constraint/],
  ['alter table users add column x text unique', /brings a constraint/],
  ['alter table users alter column email set not null', /read whole under a lock/],
  ['alter table users alter column email type varchar(300)', /rewrites the table/],
  ['alter table users add constraint c check (email <> $$$$)', /NOT VALID/],
  ['alter table users add constraint f foreign key (tenant_id) references tenants (id)', /NOT VALID/],
  [
    'alter table users add constraint c check (true) not valid; alter table users validate constraint c',
    /validate it in the next/,
  ],
  ['alter table users add constraint u unique (email)', /USING INDEX/],
  ['alter table users drop column email', /the version before still uses/],
  ['-- contract: unused since 0030\nalter table users drop column email', /the version before still uses/],
  ['alter table users rename column email to address', /the version before still uses/],
  ['alter table users rename to people', /the version before still uses/],
  ['drop table users', /the version before still uses/],
  ['drop function can_administer', /the version before still uses/],
  ['alter table users set unlogged', /harmless/],
  ['alter table users cluster on users_pkey', /harmless/],
  ['update users set role = role', /in batches/],
  ['delete from users', /in batches/],
  ['insert into users select * from users', /harmless/],
  ['truncate users', /harmless/],
  ['lock table users', /harmless/],
  ['vacuum full users', /harmless/],
  ['reindex table users', /harmless/],
  ['do $$ begin delete from users; end $$', /harmless/],
];

const ALLOWED = [
  'create table t (id uuid primary key, x text not null); create index i on t (x); alter table t add constraint c check (true)',
  'alter table users add column x text; alter table users add column y boolean not null default false, add column z timestamptz default now()',
  '-- outside a transaction\ndrop index concurrently if exists i; create unique index concurrently i on users (email)',
  'alter table users add constraint c check (email <> $$$$) not valid',
  'alter table users validate constraint c',
  'alter table users add constraint u unique using index i',
  '-- contract: unused since 0029\nalter table users drop column email',
  "alter type user_status add value 'paused'",
  'create or replace function f() returns int language sql as $$ select 1 $$',
  'update saml_keys set certificate = certificate',
];

describe('a migration', () => {
  test.each(REFUSED)('with “%s” is refused', (statement, why) => {
    expect(problemsOf(statement, 30).join('\n')).toMatch(why);
  });

  test.each(ALLOWED)('with “%s” is not', (statement) => {
    expect(problemsOf(statement, 30)).toEqual([]);
  });
});
