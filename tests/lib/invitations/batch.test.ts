import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { db } from '@/db/client';
import { users } from '@/db/schema/users';
import { checkBatch, differsByOne } from '@/lib/invitations/check-batch';
import { decodeFile } from '@/lib/invitations/decode-file';
import { parseBatch, Unreadable } from '@/lib/invitations/parse-batch';
import { cast, newUser } from '../../support/cast';
import { queriesOf } from '../../support/count-queries';

const addresses = (text: string) => parseBatch(text).map(({ email }) => email);

describe('what people paste', () => {
  test.each([
    ['one a line', 'a@x.example\n\n b@x.example \r\nc@x.example'],
    ['commas', 'a@x.example, b@x.example,c@x.example'],
    ['semicolons, as from a mail program', 'Ada L. <a@x.example>; "Bob" <b@x.example>; c@x.example'],
    [
      'CSV with a header in another order',
      'Last Name;First Name;E-Mail\nL;A;a@x.example\nM;B;b@x.example\nN;C;c@x.example',
    ],
    ['CSV without a header', 'a@x.example,A,L\nb@x.example,B,M\nc@x.example,C,N'],
    ['tabs, as from a spreadsheet', 'email\tfirst name\na@x.example\tA\nb@x.example\tB\nc@x.example\tC'],
    [
      'a byte order mark and quotes',
      '\uFEFFemail,first name\n"a@x.example","A, the first"\nb@x.example,B\nc@x.example,C',
    ],
  ])('%s', (_, text) => {
    expect(addresses(text)).toEqual(['a@x.example', 'b@x.example', 'c@x.example']);
  });

  test.each([
    ['a quotation that is never closed', 'email,name\na@x.example,A\n\nb@x.example,"B\nc@x.example,C\n', 4],
    ['the same below the line for Excel', 'sep=,\r\nemail,name\r\na@x.example,"A\r\nb@x.example,B', 3],
    ['letters behind a quotation', 'email,name\na@x.example,"A"lpha,x\nb@x.example,B', 2],
  ])('what is no table says in which line: %s', (_, text, line) => {
    expect(() => parseBatch(text)).toThrow(new Unreadable(line));
  });

  test('names and roles are understood', () => {
    expect(
      parseBatch(
        'email,first name,last name,role\na@x.example,Ada,Lovelace,Tenant Admin\nb@x.example,,,admin\nc@x.example,,,boss',
      ),
    ).toMatchObject([
      { line: 2, firstName: 'Ada', lastName: 'Lovelace', role: 'tenant_admin' },
      { line: 3, role: 'tenant_admin' },
      { line: 4, role: null, unknownRole: 'boss' },
    ]);
    expect(parseBatch('Ada King Lovelace <a@x.example>')).toMatchObject([
      { firstName: 'Ada', lastName: 'King Lovelace' },
    ]);
    expect(parseBatch('"Lovelace, Ada" <a@x.example>; "Bob B." <b@x.example>;')).toMatchObject([
      { email: 'a@x.example', firstName: 'Ada', lastName: 'Lovelace' },
      { email: 'b@x.example', firstName: 'Bob', lastName: 'B.' },
    ]);
  });

  test('who stands in another column than that of the addresses is nobody to invite', () => {
    const people = [
      { email: 'a@x.example', firstName: 'Ann', role: 'standard_user' },
      { email: 'b@x.example', firstName: 'Bob', role: 'tenant_admin' },
    ];
    const rows =
      'Ann,a@x.example,Standard User,boss@x.example,CEO @ Acme\nBob,b@x.example,admin,boss@x.example,Sales @ Acme';
    expect(parseBatch(`Given Name,E-mail Address,Role,Manager,Title\n${rows}`)).toMatchObject(people);
    expect(parseBatch('a@x.example,Ann,A,user,CEO @ Acme\nb@x.example,Bob,B,admin,')).toMatchObject(people);
  });

  test('a column of addresses may bear its name, and a name loses nobody who stands beside others', () => {
    expect(addresses('Email\na@x.example\nb@x.example')).toEqual(['a@x.example', 'b@x.example']);
    expect(addresses('E-mail\na@x.example, b@x.example')).toEqual(['a@x.example', 'b@x.example']);
    expect(addresses('email\nAda <a@x.example>, Bob <b@x.example>')).toEqual(['a@x.example', 'b@x.example']);
    expect(addresses('Email, a@x.example, b@x.example')).toEqual(['Email', 'a@x.example', 'b@x.example']);
    expect(addresses('First Name,E-mail Address,E-mail 2 Address\nA,a@x.example,z@x.example')).toEqual(['a@x.example']);
    expect(parseBatch('sep=;\n'.repeat(50_000)).length).toBeGreaterThan(0);
  });

  test('the line by which Excel is told how cells are parted is none of the list', () => {
    expect(parseBatch('\uFEFFsep=;\r\nE-Mail;Vorname\r\na@x.example;Ann')).toMatchObject([
      { line: 3, email: 'a@x.example' },
    ]);
  });

  test('nothing, or only blank lines, is no row', () => {
    expect(parseBatch(' \n\n')).toEqual([]);
  });
});

test.each([
  ['UTF-8', Buffer.from('José')],
  ['UTF-8 with its mark', Buffer.from('\uFEFFJosé')],
  ['UTF-16, as Excel writes “Unicode text”', Buffer.from('\uFEFFJosé', 'utf16le')],
  ['UTF-16 of the other order', Buffer.from('\uFEFFJosé', 'utf16le').swap16()],
  ['UTF-16 without its mark, as a database writes it', Buffer.from('José', 'utf16le')],
  ['UTF-16 of the other order without its mark', Buffer.from('José', 'utf16le').swap16()],
  ['the letters of Windows', Buffer.from('José', 'latin1')],
])('a file of %s is read', (_, bytes) => {
  expect(decodeFile(bytes)).toBe('José');
});

describe('the verdict on a row', () => {
  const verdictsOf = async (text: (mail: (name: string) => string) => string) => {
    const { acme, globex } = await cast();
    const mail = (name: string) => `${name}@${acme.tenant.slug}.example`;
    const rows = await checkBatch(acme.tenant.id, parseBatch(text(mail)));
    return { verdicts: rows.map(({ verdict }) => verdict), rows, globex };
  };

  test('tells users, the deactivated and the invited from new people, letter case aside', async () => {
    const { verdicts } = await verdictsOf((mail) => [mail('new'), mail('SAM'), mail('Dan'), mail('ivy')].join('\n'));
    expect(verdicts).toEqual(['new', 'already-user', 'deactivated', 'already-invited']);
  });

  test('a second row that differs only by letter case is told apart', async () => {
    const { verdicts } = await verdictsOf((mail) => `${mail('new')}\n${mail('NEW')}`);
    expect(verdicts).toEqual(['new', 'twice']);
  });

  test('doubts what looks like a slip', async () => {
    const { verdicts, rows } = await verdictsOf(
      (mail) => `ada@gmial.com\ninfo@other.example\n${mail('bob').replace('acme', 'acm')}\nada@gmail.com\nno address`,
    );
    expect(verdicts).toEqual(['domain-typo', 'role-account', 'domain-typo', 'new', 'malformed']);
    expect(rows[0]?.sentence).toContain('gmail.com?');
    expect(rows.map(({ can }) => can)).toEqual(['doubtful', 'doubtful', 'doubtful', 'yes', 'no']);
  });

  test('a person who is there is called as they are spelt there', async () => {
    const { rows } = await verdictsOf((mail) => `${mail('SAM')}\n${mail('Ivy')}\n${mail('dan')}`);
    expect(rows[0]?.sentence).toMatch(/^Is a user already\. Only letter case differs: here it is sam@/);
    expect(rows[1]?.sentence).toMatch(/here it is ivy@/);
    expect(rows[2]?.sentence).not.toContain('letter case');
  });

  test('a role that is none is not taken for the usual one', async () => {
    const { rows } = await verdictsOf((mail) => `${mail('new')},,,Viewer\n${mail('newer')},,,`);
    expect(rows).toMatchObject([
      { verdict: 'malformed', can: 'no', sentence: expect.stringContaining('“Viewer” is not a role here') },
      { verdict: 'new', can: 'yes', roleThen: null },
    ]);
  });

  test('says what it would change of somebody invited, and what role they keep', async () => {
    const { acme } = await cast();
    const kim = await newUser(acme.tenant, 'kim', { status: 'invited', role: 'tenant_admin' });
    const rows = await checkBatch(
      acme.tenant.id,
      parseBatch(`email,first name,role\n${kim.email},,\n${acme.ivy.email},Yvonne,admin`),
    );
    expect(rows.map(({ roleThen }) => roleThen)).toEqual(['tenant_admin', 'tenant_admin']);
    expect(rows[0]?.sentence).not.toContain('changes');
    expect(rows[1]?.sentence).toContain(
      'The role changes from Standard User to Tenant Admin. The name changes from “Ivy Acme” to “Yvonne Acme”.',
    );
  });

  test('knows a domain by its letters and by how it goes over the wire', async () => {
    const { acme } = await cast();
    const email = `kim@xn--bcher-kva.${acme.tenant.slug}.example`;
    await db.update(users).set({ email }).where(eq(users.id, acme.sam.id));
    const rows = await checkBatch(
      acme.tenant.id,
      parseBatch(
        `KIM@Bücher.${acme.tenant.slug}.example\nnew@bücher.example\nnew@xn--bcher-kva.example\njörg@x.example`,
      ),
    );
    expect(rows.map(({ verdict }) => verdict)).toEqual(['already-user', 'new', 'twice', 'malformed']);
    expect(rows[0]?.sentence).toContain(email);
    expect(rows[1]?.email).toBe('new@xn--bcher-kva.example');
  });

  test('is no error for what cannot be an address', async () => {
    const { verdicts } = await verdictsOf((mail) => `a\0b@x.example\n${mail('new')}`);
    expect(verdicts).toEqual(['malformed', 'new']);
  });

  test('knows nothing of another tenant', async () => {
    const { acme, globex } = await cast();
    const rows = await checkBatch(acme.tenant.id, parseBatch(globex.mallory.email));
    expect(rows[0]?.verdict).not.toBe('already-user');
  });

  test('of a thousand rows is found by three queries', async () => {
    const { acme } = await cast();
    const rows = parseBatch(Array.from({ length: 1000 }, (_, i) => `p${i}@x.example`).join('\n'));
    const { queries } = await queriesOf(() => checkBatch(acme.tenant.id, rows));
    expect(queries).toHaveLength(3);
  });
});

test.each([
  ['gmail.com', 'gmial.com', true],
  ['gmail.com', 'gmal.com', true],
  ['gmail.com', 'gmaill.com', true],
  ['gmail.com', 'gmajl.com', true],
  ['gmail.com', 'gmail.com', false],
  ['gmail.com', 'hotmail.com', false],
  ['a.com', 'b.org', false],
])('%s and %s differ by one slip: %s', (a, b, expected) => {
  expect(differsByOne(a, b)).toBe(expected);
});
