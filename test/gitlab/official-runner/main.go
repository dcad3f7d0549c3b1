// Command gitlab-runner is the official runner with its shell executor alone: its packages as their module has them,
// put together by a main function that leaves out the executors which Slipway is not compared with.
package main

import (
	"os"

	"github.com/sirupsen/logrus"
	"github.com/urfave/cli"

	"gitlab.com/gitlab-org/gitlab-runner/commands"
	"gitlab.com/gitlab-org/gitlab-runner/commands/helpers"
	"gitlab.com/gitlab-org/gitlab-runner/common"
	"gitlab.com/gitlab-org/gitlab-runner/executors"
	"gitlab.com/gitlab-org/gitlab-runner/executors/shell"
	runnerlog "gitlab.com/gitlab-org/gitlab-runner/log"
	"gitlab.com/gitlab-org/gitlab-runner/network"

	_ "gitlab.com/gitlab-org/gitlab-runner/shells"
)

func main() {
	self, err := os.Executable()
	if err != nil {
		logrus.Fatal(err)
	}
	providers := executors.NewProviderRegistry(map[string]common.ExecutorProvider{"shell": shell.NewProvider(self)})
	requests := network.NewAPIRequestsCollector()
	client := network.NewGitLabClient(
		network.WithAPIRequestsCollector(requests),
		network.WithExecutorProviderFunc(providers.GetByName),
	)
	app := cli.NewApp()
	app.Name = "gitlab-runner"
	app.Version = common.AppVersion.ShortLine()
	app.Commands = []cli.Command{
		commands.NewRegisterCommand(client, providers),
		commands.NewRunCommand(client, requests, providers),
		commands.NewRunSingleCommand(client, providers),
		commands.NewVerifyCommand(client),
		helpers.NewArtifactsDownloaderCommand(),
		helpers.NewArtifactsUploaderCommand(),
		helpers.NewCacheArchiverCommand(),
		helpers.NewCacheExtractorCommand(),
	}
	runnerlog.ConfigureLogging(app)
	if err := app.Run(os.Args); err != nil {
		logrus.Fatal(err)
	}
}
