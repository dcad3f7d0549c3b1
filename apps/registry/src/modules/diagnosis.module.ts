import { Module } from '@nestjs/common';

/** What works and what does not. */
@Module({})
export class DiagnosisModule {}
