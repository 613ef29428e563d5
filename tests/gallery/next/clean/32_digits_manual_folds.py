# kind: script
# target: digit
# why: scaler, projection and classifier are created and fitted anew on the training rows of every fold.
import numpy as np
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import accuracy_score
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler


def run_fold(X_tr, y_tr, X_va, n_comp):
    scaler = StandardScaler()
    Z_tr = scaler.fit_transform(X_tr)
    Z_va = scaler.transform(X_va)
    pca = PCA(n_components=n_comp, random_state=0).fit(Z_tr)
    lda = LinearDiscriminantAnalysis()
    lda.fit(pca.transform(Z_tr), y_tr)
    return lda.predict(pca.transform(Z_va))


def main(n_comp=30, n_splits=10):
    X, y = load_digits(return_X_y=True)
    X = X / 16.0  # grey levels run from 0 to 16
    oof = np.full(len(y), -1)
    folds = StratifiedKFold(n_splits=n_splits, shuffle=True, random_state=3)
    for i, (tr, va) in enumerate(folds.split(X, y), start=1):
        oof[va] = run_fold(X[tr], y[tr], X[va], n_comp)
        print(f"fold {i:2d}: {accuracy_score(y[va], oof[va]):.4f}")
    print(f"all rows: {accuracy_score(y, oof):.4f}")


if __name__ == "__main__":
    main()
