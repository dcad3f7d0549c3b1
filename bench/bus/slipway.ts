import 'reflect-metadata';
import { imageDeleted, imagePublish, imagePushed, imageUnpublish, queues, type PayloadOf } from '#contracts';
import { attachBus, BusModule, connectBus, Consume, policy, silentLogger, type Handler } from '#bus';
import { Controller, Inject, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { payload, stopwatch, warmUp, window, type Figures, type Job } from './message.js';

/** `window` callers that each wait for their confirm: as many publishes in flight as amqplib's contestant has. */
export async function publish({ url, messages }: Job): Promise<Figures> {
  const bus = connectBus({ url, service: 'bench', logger: silentLogger });
  await bus.started();
  let sent = 0;
  const lane = async (total: number): Promise<void> => {
    while (sent < total) await bus.publish(imagePushed, payload(sent++));
  };
  await Promise.all(Array.from({ length: window }, () => lane(warmUp)));
  const stop = stopwatch();
  await Promise.all(Array.from({ length: window }, () => lane(warmUp + messages)));
  const figures = stop(messages);
  await bus.close();
  return figures;
}

const usual = policy({ prefetch: window });

/** Counts what a handler is given, and times it. */
class Meter {
  private seen = 0;
  private length = 0;
  private stop = stopwatch();
  private end: ((figures: Figures) => void) | undefined;
  readonly finished = new Promise<Figures>((resolve) => (this.end = resolve));

  constructor(private readonly messages: number) {}

  note(image: PayloadOf<typeof imagePushed>): void {
    this.length += image.repository.length;
    this.seen += 1;
    if (this.seen === warmUp) this.stop = stopwatch();
    if (this.seen === warmUp + this.messages && this.length > 0) this.end?.(this.stop(this.messages));
  }
}

/** Without Nest: the bus's own consumer. */
export async function consumePlain({ url, messages }: Job): Promise<Figures> {
  const meter = new Meter(messages);
  const bus = connectBus({ url, service: 'cvmfs-publisher', logger: silentLogger });
  await bus.started();
  const idle = (message: Handler['message']): Handler => ({ message, policy: usual, handle: async () => {} });
  const pushed: Handler<typeof imagePushed> = {
    message: imagePushed,
    policy: usual,
    handle: async (image) => meter.note(image),
  };
  bus.consume(queues.publisherImages, [pushed, idle(imageDeleted), idle(imagePublish), idle(imageUnpublish)]);
  const figures = await meter.finished;
  await bus.close();
  return figures;
}

@Controller()
class Images {
  constructor(@Inject(Meter) private readonly meter: Meter) {}

  @Consume(queues.publisherImages, imagePushed, usual)
  async onPushed(image: PayloadOf<typeof imagePushed>): Promise<void> {
    this.meter.note(image);
  }

  @Consume(queues.publisherImages, imageDeleted, usual)
  async onDeleted(): Promise<void> {}

  @Consume(queues.publisherImages, imagePublish, usual)
  async onPublish(): Promise<void> {}

  @Consume(queues.publisherImages, imageUnpublish, usual)
  async onUnpublish(): Promise<void> {}
}

@Module({})
class BenchModule {}

/** As the services do it: a Nest application with `@Consume` handlers. */
export async function consume({ url, messages }: Job): Promise<Figures> {
  const meter = new Meter(messages);
  const app = await NestFactory.create(
    {
      module: BenchModule,
      imports: [BusModule.forRoot({ url, service: 'cvmfs-publisher', logger: silentLogger })],
      controllers: [Images],
      providers: [{ provide: Meter, useValue: meter }],
    },
    new FastifyAdapter(),
    { logger: false },
  );
  attachBus(app);
  await app.startAllMicroservices();
  const figures = await meter.finished;
  await app.close();
  return figures;
}
