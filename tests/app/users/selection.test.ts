import { expect, test } from 'vitest';
import { wholeView } from '@/app/administration/access/users/bulk/selection';

test('a search with a character that no search has is refused for all who match, not widened', () => {
  const all = { deed: 'deactivate', all: 'yes' };
  expect(wholeView.safeParse({ ...all, q: 'smith' }).success).toBe(true);
  for (const q of ['a\0b', 'a\nb', ' ', 'x'.repeat(201)])
    expect(wholeView.safeParse({ ...all, q }).success).toBe(false);
});
