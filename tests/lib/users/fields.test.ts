import { expect, test } from 'vitest';
import { emailField } from '@/lib/users/fields';

test.each([
  ['Ada@Example.COM', 'Ada@Example.COM'],
  [' ada.b+c@x.example\n', 'ada.b+c@x.example'],
  ["o'brien&co/sales#1@x.example", "o'brien&co/sales#1@x.example"],
  ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
  ['ada@пример.рф', 'ada@xn--e1afmkfd.xn--p1ai'],
  ['ada@example.xn--p1ai', 'ada@example.xn--p1ai'],
])('%j is an address, kept as %s', (typed, kept) => {
  expect(emailField.parse(typed)).toBe(kept);
});

test.each([
  ...[
    'ada',
    'ada@x',
    '@x.example',
    'a..b@x.example',
    '.a@x.example',
    'a@b@x.example',
    'a b@x.example',
    '"a"@x.example',
  ],
  ...[
    'a@-x.example',
    'a@x_y.example',
    'a@x.example.',
    'a@127.0.0.1',
    'a@１２７.0.0.1',
    'jörg@x.example',
    'аda@x.example',
  ],
  `${'a'.repeat(65)}@x.example`,
  `a@${'x'.repeat(64)}.example`,
])('%j is none', (typed) => {
  expect(emailField.safeParse(typed).success).toBe(false);
});
