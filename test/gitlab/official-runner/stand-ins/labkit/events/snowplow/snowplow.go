// Package snowplow stands in for the sending of usage events, which is off in tests.
package snowplow

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
	"gitlab.com/gitlab-org/labkit/v2/events/snowplow/metrics"
	"gitlab.com/gitlab-org/labkit/v2/events/snowplow/oidc"
)

var errNotBuiltIn = errors.New("usage events are not built in")

// SendResult tells what became of some events.
type SendResult struct {
	EventCount int
	StatusCode int
	Err        error
}

// SendCallback hears what became of events.
type SendCallback func(successes, failures []SendResult)

// EmitterOption of an emitter.
type EmitterOption struct{}

// Emitter of events.
type Emitter struct{}

// Tracker of events.
type Tracker struct{}

// WithCallback is an option without effect.
func WithCallback(SendCallback) EmitterOption { return EmitterOption{} }

// WithTokenSource is an option without effect.
func WithTokenSource(*oidc.Source) EmitterOption { return EmitterOption{} }

// WithMetricsCollectorOptions is an option without effect.
func WithMetricsCollectorOptions(...metrics.CollectorOption) EmitterOption { return EmitterOption{} }

// NewEmitter refuses.
func NewEmitter(string, ...EmitterOption) (*Emitter, error) { return nil, errNotBuiltIn }

// Collector of metrics.
func (*Emitter) Collector() prometheus.Collector { return nil }

// NewTracker refuses.
func NewTracker(string, *Emitter) (*Tracker, error) { return nil, errNotBuiltIn }

// TrackBillingEventWithOptionalInput refuses.
func (*Tracker) TrackBillingEventWithOptionalInput(BillingEventRequiredInput, BillingEventOptionalInput) error {
	return errNotBuiltIn
}

// Stop does nothing.
func (*Tracker) Stop() {}

// BillingEventRequiredInput of an event.
type BillingEventRequiredInput struct {
	Category, EventType, Realm, UnitOfMeasure string
	Quantity                                  float64
}

// BillingEventOptionalInput of an event.
type BillingEventOptionalInput struct {
	Subject, DeploymentType, InstanceID, UniqueInstanceID   string
	Metadata                                                map[string]any
	ProjectID, NamespaceID, RootNamespaceID, OrganizationID int64
}
