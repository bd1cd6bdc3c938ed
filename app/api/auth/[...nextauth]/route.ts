import type { NextRequest } from 'next/server';
import NextAuth from 'next-auth';
import { noForm } from '@/app/given-form';
import { authOptions } from '@/lib/auth/options';

type Context = { params: Promise<{ nextauth: string[] }> };

// The options read the environment, so they are created per request, not at build time.
const handle = (request: NextRequest, context: Context) => NextAuth(request as never, context as never, authOptions());

/** NextAuth's own client posts forms. A malformed body of another type would make it fail, so only forms are accepted. */
const handleForm = (request: NextRequest, context: Context) =>
  /^application\/x-www-form-urlencoded(?:;|$)/i.test(request.headers.get('content-type') ?? '')
    ? handle(request, context)
    : noForm();

export { handle as GET, handleForm as POST };
