import { expect, test } from 'vitest';
import { firstNameField } from '@/lib/users/fields';

test('a name has letters of any script, and no control character nor half a character', () => {
  const isName = (name: string) => firstNameField.safeParse(name).success;
  expect(['Ada', 'Nguyễn', '李', 'Ada 🦊', 'O’Brien-Łuczak', ''].filter((name) => !isName(name))).toEqual([]);
  expect(['A\u0000', 'A\nB', 'A\u0085', 'A\ud800', '\udc00'].filter(isName)).toEqual([]);
});
