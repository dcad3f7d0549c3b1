// Package runner stands in for GitLab's step runner.
package runner

import (
	"context"
	"io"
	"time"

	"gitlab.com/gitlab-org/step-runner/proto"
	"google.golang.org/protobuf/types/known/structpb"
)

// KindString is a text.
const KindString = "string"

// BuiltinResult of a step.
type BuiltinResult struct{}

// BuiltinFunction is a step that is built in.
type BuiltinFunction interface {
	Spec() *proto.Spec
	Run(context.Context, BuiltinContext) (BuiltinResult, error)
}

// BuiltinContext is what such a step gets.
type BuiltinContext interface {
	GetInput(string, any) (*structpb.Value, error)
	ListenCancel(context.Context) (context.Context, context.CancelFunc)
	GetEnvs() map[string]string
	GetJobVars() map[string]*structpb.Value
	GracefulExitDelay() time.Duration
	WorkDir() string
	Pipe() (io.Writer, io.Writer)
	Stdout() io.Writer
	Stderr() io.Writer
}
