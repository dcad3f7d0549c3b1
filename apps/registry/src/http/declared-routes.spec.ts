import 'reflect-metadata';
import { Controller, Delete, Get, Post } from '@nestjs/common';
import { refuseUndeclared, routesOf } from './declared-routes.js';
import { Needs } from './needs.decorator.js';
import { refuseUnguarded } from './route-census.js';

class Reading {
  @Get()
  @Needs('reader')
  list(): void {}
}

@Controller('api/things')
class Things extends Reading {
  @Post(':id/open')
  @Needs('admin')
  open(): void {}

  notARoute(): void {}
}

@Controller(['api/a', 'api/b'])
class Careless {
  @Delete(':id')
  remove(): void {}
}

describe('the routes of controllers', () => {
  it('are found with what they need, inherited ones too', () => {
    expect(routesOf([Things])).toEqual([
      { method: 'POST', path: '/api/things/:id/open', need: 'admin', handler: 'Things.open' },
      { method: 'GET', path: '/api/things', need: 'reader', handler: 'Things.list' },
    ]);
  });

  it('are refused, each by its name, where they do not say what they need', () => {
    expect(() => refuseUndeclared(routesOf([Things]))).not.toThrow();
    expect(() => refuseUndeclared(routesOf([Things, Careless]))).toThrow(
      'DELETE /api/a/:id (Careless.remove), DELETE /api/b/:id (Careless.remove)',
    );
  });
});

describe('routes past the controllers', () => {
  const declared = routesOf([Things]);

  it('are refused unless they are known to be open', () => {
    const known = ['GET /api/things', 'HEAD /api/things', 'POST /api/things/:id/open', 'GET /*', 'HEAD /*'];
    expect(() => refuseUnguarded(known, declared)).not.toThrow();
    expect(() => refuseUnguarded([...known, 'GET /backdoor', 'POST /api/things'], declared)).toThrow(
      'GET /backdoor, POST /api/things',
    );
  });
});
