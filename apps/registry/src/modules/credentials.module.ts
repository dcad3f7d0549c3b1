import { Module } from '@nestjs/common';

/** Credentials and their secrets. */
@Module({})
export class CredentialsModule {}
