// Package oidc stands in for the tokens of usage events, which a test sends none of.
package oidc

// Option of a source.
type Option struct{}

// Source of tokens.
type Source struct{}

// WithSkipIfUnsupportedCloud is an option without effect.
func WithSkipIfUnsupportedCloud(bool) Option { return Option{} }

// NewSource makes a source of nothing.
func NewSource(...Option) *Source { return &Source{} }
