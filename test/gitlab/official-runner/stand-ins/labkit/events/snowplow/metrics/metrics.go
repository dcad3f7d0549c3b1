// Package metrics stands in for the metrics of usage events.
package metrics

// CollectorOption of a collector.
type CollectorOption struct{}

// WithCollectorNamespace is an option without effect.
func WithCollectorNamespace(string) CollectorOption { return CollectorOption{} }

// WithCollectorBatchDeliveryDurationBuckets is an option without effect.
func WithCollectorBatchDeliveryDurationBuckets([]float64) CollectorOption { return CollectorOption{} }
