import { type Message, message } from './layout';

type Request = { tenantName: string; askedBy: string; address: string; url: string };

export const secondFactorAskedMessage = (it: Request): Message =>
  message({
    subject: `Please set up a second factor for ${it.tenantName}`,
    title: 'Set up a second factor',
    paragraphs: [
      `${it.askedBy} asks you to protect ${it.address} at ${it.tenantName} with a second factor: an authenticator app or a passkey. It takes about two minutes.`,
    ],
    link: { label: 'Open your profile', url: it.url },
    footnotes: ['Under “Second factor” you choose one. Nobody can set it up for you.'],
  });
