'use client';

import { useField } from './field';

/** What the page showed when the form was begun: an answer that refuses it is rendered anew, and must not take a newer one. */
export function KeptField({ name, value }: { name: string; value: string }) {
  return <input type="hidden" name={name} value={useField(name, value).value} />;
}
