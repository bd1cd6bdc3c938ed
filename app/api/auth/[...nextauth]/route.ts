import type { NextRequest } from 'next/server';
import NextAuth from 'next-auth';
import { noForm } from '@/app/given-form';
import { authOptions } from '@/lib/auth/options';

type Context = { params: Promise<{ nextauth: string[] }> };

// The options read the environment, so they are made on request and not at build time.
const handle = (request: NextRequest, context: Context) => NextAuth(request as never, context as never, authOptions());

/** Its own client posts forms; on a body of another kind that is not well made it would fail. */
const handleForm = (request: NextRequest, context: Context) =>
  /^application\/x-www-form-urlencoded(?:;|$)/i.test(request.headers.get('content-type') ?? '')
    ? handle(request, context)
    : noForm();

export { handle as GET, handleForm as POST };
