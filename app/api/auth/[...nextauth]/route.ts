import type { NextRequest } from 'next/server';
import NextAuth from 'next-auth';
import { authOptions } from '@/lib/auth/options';

type Context = { params: Promise<{ nextauth: string[] }> };

// The options read the environment, so they are made on request and not at build time.
const handle = (request: NextRequest, context: Context) => NextAuth(request as never, context as never, authOptions());

export { handle as GET, handle as POST };
