import { type Message, message } from './layout';

type AddressChange = { tenantName: string; before: string; after: string; changedBy: string };

/** Sent to the old and the new address, so that a reader of either learns of it. */
export const addressChangedMessage = (it: AddressChange): Message =>
  message({
    subject: `Your sign-in address for ${it.tenantName} was changed`,
    title: 'Your sign-in address was changed',
    paragraphs: [
      `${it.changedBy} changed the address you sign in with at ${it.tenantName} from ${it.before} to ${it.after}.`,
    ],
    footnotes: ['If you did not expect this, ask an admin of your organisation.'],
  });
