'use client';

import { useField } from './field';

/**
 * Keeps the value that the page showed when the form was opened. A refusal renders the page again, and must not replace it by
 * a newer value.
 */
export function KeptField({ name, value }: { name: string; value: string }) {
  return <input type="hidden" name={name} value={useField(name, value).value} />;
}
