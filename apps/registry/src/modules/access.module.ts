import { Module } from '@nestjs/common';

/** Who may do what: sign-in, API keys, tokens. */
@Module({})
export class AccessModule {}
