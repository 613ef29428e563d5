# kind: script
# target: trip_duration
import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.metrics import mean_squared_error
from sklearn.model_selection import train_test_split

R_EARTH = 6371.0
JFK = (40.6413, -73.7781)


def haversine(lat1, lon1, lat2, lon2):
    lat1, lon1, lat2, lon2 = map(np.radians, (lat1, lon1, lat2, lon2))
    h = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    return 2 * R_EARTH * np.arcsin(np.sqrt(h))


trips = pd.read_csv("nyc_taxi.csv", parse_dates=["pickup_datetime"])
trips = trips[trips["passenger_count"] > 0]
pick, drop = ["pickup_latitude", "pickup_longitude"], ["dropoff_latitude", "dropoff_longitude"]
trips["km"] = haversine(*(trips[c] for c in pick + drop))
trips["from_jfk"] = haversine(*(trips[c] for c in pick), *JFK) < 2
trips["hour"] = trips["pickup_datetime"].dt.hour
trips["dow"] = trips["pickup_datetime"].dt.weekday
trips["rush"] = trips["hour"].isin([7, 8, 9, 16, 17, 18]) & (trips["dow"] < 5)
trips["vendor_2"] = (trips["vendor_id"] == 2).astype(int)

y = np.log1p(trips["trip_duration"])
X = trips[["km", "from_jfk", "hour", "dow", "rush", "vendor_2", *pick, *drop]].astype(float)
xa, xb, ya, yb = train_test_split(X, y, test_size=0.1, random_state=0)

hgb = HistGradientBoostingRegressor(max_iter=500, early_stopping=True, validation_fraction=0.1)
hgb.fit(xa, ya)
print("RMSLE", np.sqrt(mean_squared_error(yb, hgb.predict(xb))))
