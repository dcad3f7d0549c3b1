import { diagnosis, type Diagnosis } from '#api';
import { Controller, Get, Inject } from '@nestjs/common';
import { diagnose, type DiagnosisParts } from '../diagnosis/diagnosis.js';
import { DIAGNOSIS } from '../tokens.js';
import { Needs } from './needs.decorator.js';
import { Operation } from './operation.decorator.js';

/** What is well and what is not. */
@Controller('api/v1/diagnosis')
export class DiagnosisController {
  constructor(@Inject(DIAGNOSIS) private readonly parts: DiagnosisParts) {}

  @Get()
  @Needs('admin')
  @Operation({
    tag: 'Diagnosis',
    summary: 'Ask what is well and what is not, and what to do',
    answers: {
      200: {
        means: 'broker, queues, database, CVMFS repositories, subscriptions, copies of services, backends',
        schema: diagnosis,
      },
    },
  })
  read(): Promise<Diagnosis> {
    return diagnose(this.parts);
  }
}
