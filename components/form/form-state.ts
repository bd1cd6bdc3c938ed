/**
 * What a form was answered. `values` is what was typed, given back so that nothing is lost, and `sent` every value of each
 * name, by which a box knows whether it was ticked; secrets are in neither.
 */
export type FormState =
  | { status: 'idle'; values?: Record<string, string> }
  | {
      status: 'refused';
      message: string;
      fields?: Record<string, string>;
      values?: Record<string, string>;
      sent?: Record<string, string[]>;
    }
  | { status: 'done'; message: string; detail?: string[]; values?: Record<string, string> };

export type FormAction = (state: FormState, data: FormData) => Promise<FormState>;

export const idle: FormState = { status: 'idle' };
