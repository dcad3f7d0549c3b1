import 'reflect-metadata';
import {
  Catch,
  Controller,
  Injectable,
  UseFilters,
  UseGuards,
  UseInterceptors,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type INestApplication,
  type NestInterceptor,
  type PipeTransform,
} from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { finalize, throwError, type Observable } from 'rxjs';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { attachBus, BUS, BusModule, Consume, policy, type Bus } from '#bus';
import type { HandlerContext } from '#bus';
import { permanent, temporary } from '#errors';
import { isolatedVhost, waitFor } from '#lab';
import { header } from '../src/envelope.js';
import { silentLogger } from '../src/options.js';
import { deadQueue } from '../src/topology.js';
import { house, ordered, orders, outsider, ship, take } from './house.js';
import type { PayloadOf } from '#contracts';

// Real: RabbitMQ, Nest. A house of its own.
const seen: { payload: PayloadOf<typeof ordered>; context: HandlerContext }[] = [];
const quick = policy({ attempts: 3, delays: ['10s', '1m'] });

@Injectable()
class NoThirteen implements CanActivate {
  canActivate(context: Parameters<CanActivate['canActivate']>[0]): boolean {
    const { number } = context.switchToRpc().getData<PayloadOf<typeof ordered>>();
    if (number === 13) throw permanent('warehouse.superstition', 'no thirteen');
    return true;
  }
}

@Injectable()
class Doubling implements PipeTransform<PayloadOf<typeof ship>> {
  transform(payload: PayloadOf<typeof ship>): PayloadOf<typeof ship> {
    return { ...payload, number: payload.number * 2 };
  }
}

const timed: unknown[] = [];

@Injectable()
class Timing implements NestInterceptor {
  intercept(_context: unknown, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(finalize(() => timed.push('done')));
  }
}

@Catch(RangeError)
class RangeErrorFilter implements ExceptionFilter {
  catch(error: RangeError): Observable<never> {
    return throwError(() => permanent('warehouse.too_far', error.message));
  }
}

@Controller()
class Warehouse {
  @Consume(orders, ordered, quick)
  @UseGuards(NoThirteen)
  onOrdered(payload: PayloadOf<typeof ordered>, context: HandlerContext): void {
    seen.push({ payload, context });
    if (payload.note === 'temporary') throw temporary('warehouse.busy', 'come back');
    if (payload.note === 'permanent') throw permanent('warehouse.never', 'we do not sell that');
    if (payload.note === 'second' && context.attempt < 2) throw new Error('unforeseen');
  }

  @Consume(orders, ship, quick)
  @UseInterceptors(Timing)
  @UseFilters(RangeErrorFilter)
  onShip(@Payload(Doubling) payload: PayloadOf<typeof ship>, @Ctx() context: HandlerContext): void {
    seen.push({ payload, context });
    if (payload.number > 100) throw new RangeError('too far');
  }
}

@Controller()
class Doubled extends Warehouse {}

@Controller()
class HalfWarehouse {
  @Consume(orders, ordered, quick)
  onOrdered(): void {}
}

const checks: { readonly name: string; check(): void }[] = [];

async function boot(url: string, controllers: (new () => object)[]): Promise<INestApplication> {
  const readiness = { add: (check: (typeof checks)[number]) => void checks.push(check) };
  const options = { url, service: 'warehouse', logger: silentLogger, house, readiness };
  const module = await Test.createTestingModule({
    imports: [BusModule.forRoot(options)],
    controllers,
    providers: [NoThirteen],
  }).compile();
  const app = module.createNestApplication(new FastifyAdapter(), { logger: false });
  attachBus(app);
  return app;
}

describe('a Nest service on the bus', () => {
  let app: INestApplication;
  let bus: Bus;
  let url: string;

  beforeAll(async () => {
    ({ url } = await isolatedVhost(import.meta.url));
    app = await boot(url, [Warehouse]);
    await app.startAllMicroservices();
    bus = app.get<Bus>(BUS);
    await waitFor(() => bus.state().ready, { what: 'the bus' });
  }, 60_000);
  afterAll(() => app.close());
  beforeEach(() => void (seen.length = 0));

  const handled = (id: string) => seen.filter(({ context }) => context.id === id);

  it('hands a published message to its handler with payload and context', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await bus.publish(ordered, { number: 1 }, { id: 'one', causationId: 'zero', traceparent });
    await waitFor(() => handled('one').length > 0, { what: 'the message' });
    expect(handled('one')[0]?.payload).toEqual({ number: 1, note: '' });
    expect(handled('one')[0]?.context).toMatchObject({
      id: 'one',
      type: 'org.slipway.shop.ordered.v1',
      source: '/slipway/warehouse',
      subject: 'order/1',
      correlationId: 'one',
      causationId: 'zero',
      traceparent,
      queue: 'warehouse.orders',
      attempt: 1,
      redelivered: false,
    });
  });

  it('tries again after an unforeseen error, and counts the attempts', async () => {
    await bus.publish(ordered, { number: 2, note: 'second' }, { id: 'two' });
    await waitFor(() => handled('two').length === 2, { what: 'the second try' });
    expect(handled('two').map(({ context }) => context.attempt)).toEqual([1, 2]);
  });

  it('dead-letters what fails temporarily at every attempt, with what is needed to understand and replay it', async () => {
    await bus.publish(ordered, { number: 3, note: 'temporary' }, { id: 'three' });
    const model = await outsider(url);
    const dead = await take(model, deadQueue(orders.name));
    await model.close();
    expect(handled('three')).toHaveLength(3);
    expect(dead.properties.messageId).toBe('three');
    expect(JSON.parse(dead.content.toString())).toEqual({ number: 3, note: 'temporary' });
    expect(dead.properties.headers).toMatchObject({
      [header.attempt]: 3,
      [header.exchange]: 'slipway.events',
      [header.routingKey]: 'shop.ordered.v1',
      [header.deadQueue]: 'warehouse.orders',
      [header.deadReason]: 'exhausted',
      [header.deadCode]: 'warehouse.busy',
      [header.deadMessage]: 'come back',
      [header.deadTime]: expect.stringMatching(/^\d{4}-/),
    });
  });

  it.each([
    ['what a handler refuses for good', { number: 4, note: 'permanent' }, 'warehouse.never'],
    ['what a guard refuses for good', { number: 13 }, 'warehouse.superstition'],
  ])('dead-letters %s at once', async (_what, payload, code) => {
    await bus.publish(ordered, payload);
    const model = await outsider(url);
    const dead = await take(model, deadQueue(orders.name));
    await model.close();
    expect(dead.properties.headers).toMatchObject({
      [header.deadReason]: 'permanent',
      [header.deadCode]: code,
      [header.attempt]: 1,
    });
  });
});

describe('pipes, interceptors and filters', () => {
  it('work as in every Nest handler', async () => {
    const { url } = await isolatedVhost(import.meta.url, 'nest');
    const app = await boot(url, [Warehouse]);
    await app.startAllMicroservices();
    const bus = app.get<Bus>(BUS);
    await bus.publish(ship, { number: 21 }, { id: 'near' });
    await waitFor(() => timed.length === 1, { what: 'the interceptor' });
    expect(seen.find(({ context }) => context.id === 'near')?.payload.number).toBe(42);
    await bus.publish(ship, { number: 51 }, { id: 'far' });
    const model = await outsider(url);
    const dead = await take(model, deadQueue(orders.name));
    await model.close();
    expect(dead.properties.headers).toMatchObject({
      [header.deadCode]: 'warehouse.too_far',
      [header.deadMessage]: 'too far',
    });
    await app.close();
  });
});

describe('a Nest service', () => {
  it.each([
    ['missing', [HalfWarehouse], /no handler for shop\.ship\.v1/],
    ['doubled', [Warehouse, Doubled], /more than one handler for shop\.ordered\.v1/],
  ])('does not boot when a handler is %s', async (_what, controllers, words) => {
    const { url } = await isolatedVhost(import.meta.url, 'boot');
    const app = await boot(url, controllers);
    await expect(app.startAllMicroservices()).rejects.toThrow(words);
    await app.close();
  });

  it('is ready while its bus is', async () => {
    const { url } = await isolatedVhost(import.meta.url, 'ready');
    const app = await boot(url, [Warehouse]);
    const broker = checks.at(-1);
    expect(broker?.name).toBe('broker');
    await app.startAllMicroservices();
    await waitFor(() => app.get<Bus>(BUS).state().ready, { what: 'the bus' });
    expect(broker?.check()).toBeUndefined();
    await app.close();
    expect(() => broker?.check()).toThrow();
  });
});
