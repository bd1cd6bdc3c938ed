import { expect, test } from 'vitest';
import { meant, shownField } from '@/app/meant';

test('of a form that was opened a while ago, only what was changed in it is meant', () => {
  const shown = shownField.parse(JSON.stringify({ firstName: 'Sam', jit: false, name: null }));
  expect(meant({ firstName: 'Samuel', jit: false, name: null }, shown)).toEqual({ firstName: 'Samuel' });
  expect(meant({ jit: true, name: 'x' }, shown)).toEqual({ jit: true, name: 'x' });
});

test('without a word of what it showed, all is meant; what nobody can have been shown is refused', () => {
  expect(meant({ a: 1 }, shownField.parse(undefined))).toEqual({ a: 1 });
  for (const text of ['', '{', '[]', 'null', '"x"']) expect(shownField.safeParse(text).success).toBe(false);
});
