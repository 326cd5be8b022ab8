// cert-manager as a cluster runs it, as far as our certificates go: its own controllers that issue from self-signed and
// CA issuers, and its own cainjector, in one process. It runs until it is killed.
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"path/filepath"

	"github.com/cert-manager/cert-manager/pkg/api"
	"github.com/cert-manager/cert-manager/pkg/controller"
	"github.com/cert-manager/cert-manager/pkg/controller/cainjector"
	"github.com/cert-manager/cert-manager/pkg/util"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"

	// Each puts itself into controller.Known. What is not here does not run: ACME, Vault, Ingress and Gateway shims.
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/approver"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/ca"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/selfsigned"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/issuing"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/keymanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/readiness"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/requestmanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/revisionmanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/trigger"
	_ "github.com/cert-manager/cert-manager/pkg/controller/issuers"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/ca"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/selfsigned"
)

func main() {
	// controller-runtime's import has defined --kubeconfig already, for itself; both halves use it.
	flag.Parse()
	kubeconfig := flag.Lookup("kubeconfig").Value.String()
	// A kubeconfig's relative paths start at its folder; cert-manager takes them as they are.
	if err := os.Chdir(filepath.Dir(kubeconfig)); err != nil {
		log.Fatal(err)
	}
	ctrl.SetLogger(klog.Background())
	ctx := context.Background()
	if err := runControllers(ctx, kubeconfig); err != nil {
		log.Fatalf("issuing controllers: %v", err)
	}
	if err := runInjector(ctx, kubeconfig); err != nil {
		log.Fatalf("cainjector: %v", err)
	}
}

// runControllers starts the issuing controllers and returns.
func runControllers(ctx context.Context, kubeconfig string) error {
	// Options that are left out are 0: no wait of an hour after an issuance that failed, no account of Ingresses.
	factory, err := controller.NewContextFactory(ctx, controller.ContextOptions{Kubeconfig: kubeconfig})
	if err != nil {
		return err
	}
	for name, construct := range controller.Known() {
		one, err := construct(factory)
		if err != nil {
			return err
		}
		go func() {
			if err := one.Run(1, ctx); err != nil {
				log.Fatalf("%s: %v", name, err)
			}
		}()
	}
	// All contexts of a factory share its informers, which must start after the last controller has asked for its own.
	shared, err := factory.Build()
	if err != nil {
		return err
	}
	shared.SharedInformerFactory.Start(ctx.Done())
	shared.KubeSharedInformerFactory.Start(ctx.Done())
	return nil
}

// runInjector runs what writes a Certificate's CA into webhook configurations.
func runInjector(ctx context.Context, kubeconfig string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	if err := api.AddToScheme(scheme.Scheme); err != nil { // the scheme that a manager takes when it is told none
		return err
	}
	manager, err := ctrl.NewManager(
		// The part of the user agent before the slash is the owner of what is injected; without one it is refused.
		util.RestConfigWithUserAgent(config, "cainjector"),
		ctrl.Options{
			Metrics: server.Options{BindAddress: "0"}, // none; left out it would be :8080, open to all
			// As in cert-manager's own cainjector: Secrets are watched by their metadata, and read when they are needed.
			Client: client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}}}},
		},
	)
	if err != nil {
		return err
	}
	options := cainjector.SetupOptions{
		EnableCertificatesDataSource: true, // the annotation inject-ca-from
		EnabledReconcilersFor: map[string]bool{ // nothing of ours is injected into CRDs or API services
			cainjector.MutatingWebhookConfigurationName:   true,
			cainjector.ValidatingWebhookConfigurationName: true,
		},
	}
	if err := cainjector.RegisterAllInjectors(ctx, manager, options); err != nil {
		return err
	}
	return manager.Start(ctx)
}
