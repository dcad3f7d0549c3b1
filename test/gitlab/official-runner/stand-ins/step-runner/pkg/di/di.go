// Package di stands in for how GitLab's step runner is put together.
package di

import (
	"errors"
	"log/slog"

	"gitlab.com/gitlab-org/step-runner/pkg/runner"
)

// Container of nothing.
type Container struct{}

// WithBuiltinFunc is an option without effect.
func WithBuiltinFunc(string, runner.BuiltinFunction) func(*Container) { return func(*Container) {} }

// WithOperatorLogger is an option without effect.
func WithOperatorLogger(*slog.Logger) func(*Container) { return func(*Container) {} }

// NewContainer makes one of nothing.
func NewContainer(...func(*Container)) *Container { return &Container{} }

// StepRunnerService refuses.
func (*Container) StepRunnerService() (any, error) {
	return nil, errors.New("the step runner is not built in")
}
