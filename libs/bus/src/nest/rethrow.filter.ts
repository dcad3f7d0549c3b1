import { Catch, type ExceptionFilter } from '@nestjs/common';
import { throwError, type Observable } from 'rxjs';

/**
 * The last exception filter of the bus's handlers: hands the error on as it is. Nest's own would turn an `AppError`
 * into "Internal server error", and the bus could not tell temporary from permanent any more.
 */
@Catch()
export class RethrowFilter implements ExceptionFilter {
  catch(exception: unknown): Observable<never> {
    return throwError(() => exception);
  }
}
